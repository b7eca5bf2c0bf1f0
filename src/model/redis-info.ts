/** What a Redis says of itself. A part is null where it does not say it. */
export interface RedisInfo {
  /** Such as `7.0.15`. */
  readonly version: string | null;
  /** Whether it writes every change to a file. */
  readonly appendOnly: boolean | null;
  /** What it does when its memory is full, such as `noeviction`. */
  readonly maxmemoryPolicy: string | null;
}
