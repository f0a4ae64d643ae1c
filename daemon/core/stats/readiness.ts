// Whether a name server is ready for nodes: it serves, it has what its peers have, and it can store registrations.

/** What readiness depends on. */
export interface ReadinessInput {
  /** whether it listens and is not stopping */
  isServing: boolean;
  /** whether everybody is redirected: an operator drains it, or it stops */
  isDraining: boolean;
  /** whether hosts are missing since the start that a peer may still bring */
  isCatchingUp: boolean;
  /** why commits fail, printable; null: they do not */
  storageTrouble: string | null;
}

/** The conditions of being ready. */
export const readyConditions = ['serving', 'caught_up', 'storage'] as const;
export type ReadyCondition = (typeof readyConditions)[number];

/** Why each condition is not met, as a sentence for operators; null: it is met. */
export type Readiness = Record<ReadyCondition, string | null>;

/** Judges each condition by itself. */
export function readinessOf(input: ReadinessInput): Readiness {
  return {
    serving: !input.isServing
      ? 'the name server is starting or stopping'
      : input.isDraining
        ? 'the name server is being drained: nodes are redirected to the others'
        : null,
    caught_up: input.isCatchingUp
      ? 'hosts that the other name servers have are still missing here'
      : null,
    storage:
      input.storageTrouble === null
        ? null
        : `registrations cannot be stored: ${input.storageTrouble}`,
  };
}
