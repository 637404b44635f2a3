/** A mistake that the person at the keyboard can mend: its message is shown as it is, without a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Runs a command and turns what it throws into a message and an exit code: 1, or 130 after Ctrl-C. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    console.error(failure instanceof UserError ? failure.message : (failure.stack ?? failure.message));
    process.exitCode = 1;
  }
}
