export function structuralSimilarity(a: Float32Array, b: Float32Array, width: number, height: number): number;
