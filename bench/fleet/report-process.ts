/** A process that only reports to a store in Redis, one report after the other. It is ready, gets a time, and tells how many. */
import { performance } from 'node:perf_hooks';
import { createClient } from 'redis';
import { redisStore } from '../../lib/redis';
import { PermitMember } from '../../spec/support/permit-member';

async function main(port: number): Promise<void> {
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  const { permits } = redisStore(client);
  const member = new PermitMember(permits, String(process.pid), { perMinute: 1e8, perHour: 1e8 });
  process.on('message', (time: number) => {
    const report = async (): Promise<number> => {
      const until = performance.now() + time;
      let count = 0;
      for (; performance.now() < until; count++) await member.end(member.held).ask({ calls: 1, spare: 16 });
      return count;
    };
    report().then(
      (count) => process.send?.(count),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.(0);
}

void main(Number(process.argv[2]));
