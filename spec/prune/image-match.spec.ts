import { describe, expect, it } from '@jest/globals';
import type { ImageQuery } from '../../lib';
import { Sandbox } from '../../lib/sandbox';

const sandbox = new Sandbox({
  images: [
    { id: 1, name: 'web-1', type: 'snapshot', distribution: 'Ubuntu', regions: ['nyc1'], tags: ['Gold'] },
    {
      id: 2,
      name: 'web-2',
      type: 'custom',
      distribution: 'Debian',
      regions: ['nyc1', 'fra1'],
      status: 'NEW',
    },
    { id: 3, name: 'db', type: 'snapshot', distribution: 'Ubuntu', created_at: '2025-01-01T00:00:00Z' },
    { id: 4, name: 'ubuntu', slug: 'ubuntu', public: true, created_at: '2020-01-01T00:00:00Z' },
  ],
  droplets: 0,
});

/** The ids of the images that a plan considers. */
async function considered(match: ImageQuery): Promise<number[]> {
  const { keep, delete: deleted } = await sandbox.api().planPrune({ match, keep: Infinity });
  return [...keep, ...deleted].map(({ image }) => image.id).sort();
}

describe('match', () => {
  it.each<[ImageQuery, number[]]>([
    [{}, [1, 2, 3]],
    [{ name: 'web-1' }, [1]],
    [{ name: 'web' }, []],
    [{ name: /WEB/i }, [1, 2]],
    [{ name: /w/g }, [1, 2]],
    [{ type: 'snapshot' }, [1, 3]],
    [{ distribution: 'Debian' }, [2]],
    [{ region: 'fra1' }, [2]],
    [{ tag: 'gold' }, [1]],
    [{ status: 'NEW' }, [2]],
    [{ olderThan: '30d', youngerThan: '104w' }, [3]],
    [{ private: false, type: 'snapshot' }, [1, 3]],
    [{ private: false, name: 'ubuntu' }, [4]],
    [{ name: /^web/, type: 'snapshot' }, [1]],
  ])('%j selects %j', async (match, ids) => {
    expect(await considered(match)).toEqual(ids);
  });
});
