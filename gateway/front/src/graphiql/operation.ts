/** Which operation of a question is meant. */

import { Kind, parse } from "graphql";

/**
 * The one that is wanted, where the question has it. GraphiQL remembers a name for a moment longer than the text it was
 * of: then the only operation there is, which need not be named at all.
 */
export function meant(query: string, wanted: string | null | undefined): string | undefined {
  const names = named(query);
  if (!wanted || names?.includes(wanted)) return wanted ?? undefined;
  return names?.length === 1 ? (names[0] ?? undefined) : wanted;
}

/** Null for an operation without a name. Nothing of a text that is no document: the gateway says what is wrong with it. */
function named(query: string): (string | null)[] | null {
  try {
    return parse(query).definitions.flatMap((one) =>
      one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value ?? null] : [],
    );
  } catch {
    return null;
  }
}
