import { spawnSync } from 'node:child_process';

/** A GPU as NVIDIA's driver names it. */
export interface NvidiaGpu {
  readonly name: string;
  readonly memoryMb: number;
  readonly driver: string;
}

/** What `nvidia-smi` lists; empty where there is no driver or no GPU. */
export function nvidiaGpus(): NvidiaGpu[] {
  const end = spawnSync('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'], { encoding: 'utf8', timeout: 20_000 });
  if (end.status !== 0) return [];
  return end.stdout.split('\n').flatMap((line) => {
    const [name, memory, driver] = line.split(',').map((part) => part.trim());
    return name === undefined || memory === undefined || driver === undefined ? [] : [{ name, memoryMb: Number(memory), driver }];
  });
}
