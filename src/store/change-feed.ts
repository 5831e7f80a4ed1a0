/** Tells a router that another has changed what it keeps in memory. A store of one router never has anything to tell. */
export interface StoreVersions {
  /** Each rises with every change of what it is named after. */
  readonly catalog: number;
  readonly hints: number;
  readonly topology: number;
}

export interface ChangeFeed {
  versions(): Promise<StoreVersions>;
  /** Called soon after a change and after the connection was lost; now and then without a reason. Not to be relied on alone. */
  onChange(listener: () => void): void;
}

/** For a store that only this process writes to. */
export const quietFeed: ChangeFeed = {
  versions: async () => ({ catalog: 0, hints: 0, topology: 0 }),
  onChange: () => {},
};
