/**
 * Keeps labels that carry names from outside from growing without end: the first values of each are shown, all later
 * ones become `other`. One list per label name over all families, so that an index is shown everywhere or nowhere.
 */
import type { Labels } from "./metrics.ts";

export function createLabelCap(valuesMax: number): (labels: Labels) => Labels {
  const seen = new Map<string, Set<string>>(CAPPED_LABELS.map((name) => [name, new Set()]));
  return (labels) => {
    let safe = labels;
    for (const [name, values] of seen) {
      const value = labels[name];
      if (value === undefined || values.has(value)) continue;
      if (values.size < valuesMax) values.add(value);
      else safe = { ...safe, [name]: "other" };
    }
    return safe;
  };
}

/** Labels whose values come from clients or operators; all others are bounded by the program or the topology. */
const CAPPED_LABELS = ["index", "tenant", "alias", "canary", "policy"] as const;
