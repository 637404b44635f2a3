import { readStackConfig } from "../stack-config.ts";
import { type ConsoleVendor, simulatedConnection } from "../start/connections.ts";
import { UserError } from "../user-error.ts";

/** The token in `stacks/Pulumi.local.yaml`, encrypted there with the passphrase "local" as the CLI would. */
export const simulatedToken = "token-of-the-local-simulators";

interface StackConnection {
  readonly name: string;
  readonly vendor: ConsoleVendor;
  readonly url: string;
}

/** Starts a simulator at every address on this machine that the stack `local` collects from. */
export async function startStackSimulators(started: AsyncDisposableStack): Promise<readonly StackConnection[]> {
  const [connections = "[]"] = Object.entries(readStackConfig("local").values).flatMap(([key, value]) =>
    key.endsWith(":connections") ? [value] : [],
  );
  const local = (JSON.parse(connections) as StackConnection[]).filter(
    ({ url }) => URL.parse(url)?.protocol === "http:",
  );
  for (const { name, vendor, url } of local) {
    const port = Number(new URL(url).port);
    try {
      const { simulator } = await simulatedConnection(vendor, {
        port,
        tokens: [{ token: simulatedToken, permissions: ["*"] }],
      });
      started.use(simulator);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      throw new UserError(
        `Port ${port}, where stacks/Pulumi.local.yaml expects the simulator "${name}", is in use. Stop what listens there, or change the url in that file.`,
      );
    }
  }
  return local;
}
