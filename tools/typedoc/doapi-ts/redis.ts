export * from '../../../lib/redis';
