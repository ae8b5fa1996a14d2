export interface RatePoint {
  bytes: number;
  value: number;
}
export function deltaRate(curve: readonly RatePoint[], reference: readonly RatePoint[]): number;
export function deltaQuality(curve: readonly RatePoint[], reference: readonly RatePoint[]): number;
