/** The numbered SQL files, embedded in the executable. Forward only: a released file never changes again. */
import initial from "../../../migrations/001_initial.sql" with { type: "text" };
import features from "../../../migrations/002_features.sql" with { type: "text" };
import catalog from "../../../migrations/003_catalog.sql" with { type: "text" };
import coordination from "../../../migrations/004_coordination.sql" with { type: "text" };
import settings from "../../../migrations/005_settings.sql" with { type: "text" };
import repair from "../../../migrations/006_repair.sql" with { type: "text" };
import webhooks from "../../../migrations/007_webhooks.sql" with { type: "text" };
import tieBreak from "../../../migrations/008_tie_break.sql" with { type: "text" };
import scopedKeys from "../../../migrations/009_scoped_keys.sql" with { type: "text" };
import repairPasses from "../../../migrations/010_repair_passes.sql" with { type: "text" };
import taskTimes from "../../../migrations/011_task_times.sql" with { type: "text" };
import searchRules from "../../../migrations/012_search_rules.sql" with { type: "text" };
import ownForms from "../../../migrations/013_own_forms.sql" with { type: "text" };
import sweepPolicy from "../../../migrations/014_sweep_policy.sql" with { type: "text" };
import versionsOfAnIndex from "../../../migrations/015_versions_of_an_index.sql" with { type: "text" };

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, name: "001_initial", sql: initial },
  { version: 2, name: "002_features", sql: features },
  { version: 3, name: "003_catalog", sql: catalog },
  { version: 4, name: "004_coordination", sql: coordination },
  { version: 5, name: "005_settings", sql: settings },
  { version: 6, name: "006_repair", sql: repair },
  { version: 7, name: "007_webhooks", sql: webhooks },
  { version: 8, name: "008_tie_break", sql: tieBreak },
  { version: 9, name: "009_scoped_keys", sql: scopedKeys },
  { version: 10, name: "010_repair_passes", sql: repairPasses },
  { version: 11, name: "011_task_times", sql: taskTimes },
  { version: 12, name: "012_search_rules", sql: searchRules },
  { version: 13, name: "013_own_forms", sql: ownForms },
  { version: 14, name: "014_sweep_policy", sql: sweepPolicy },
  { version: 15, name: "015_versions_of_an_index", sql: versionsOfAnIndex },
];
