/** A program that wants nothing, so everything is deleted. */
export const wanted = "nothing";
