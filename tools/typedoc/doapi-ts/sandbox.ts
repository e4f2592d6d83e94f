export * from '../../../lib/sandbox';
