/** A number that a flow's memory tells, for the app's metrics: a name from the table, its labels and its value. */
export interface Measurement {
  readonly name: "desired_package_info" | "package_link_expiry_timestamp_seconds";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
