const diskMessages =
  /could not write|no space left|file too large|failed to (?:write|flush)|disk quota|max_temp_directory_size/i;

/** Whether DuckDB says that the disk takes no more. */
export function isDiskFault(error: Error): boolean {
  return diskMessages.test(error.message);
}
