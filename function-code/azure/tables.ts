// As `identity.ts`.
export { TableClient } from "@azure/data-tables";
