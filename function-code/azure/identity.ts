// A whole package that is imported at run time is bundled whole; through a file like this one, only what is named.
export { ManagedIdentityCredential } from "@azure/identity";
