import { homedir } from 'node:os';
import { join } from 'node:path';

type Platform = Pick<NodeJS.Process, 'env' | 'platform'>;

/** Where programs keep their configuration. */
export function configFolder(process: Platform): string {
  return platformFolder(process, {
    xdg: 'XDG_CONFIG_HOME',
    home: '.config',
    windows: 'APPDATA',
    appData: 'Roaming',
  });
}

/** Where programs keep their state, such as a history. */
export function stateFolder(process: Platform): string {
  return platformFolder(process, {
    xdg: 'XDG_STATE_HOME',
    home: join('.local', 'state'),
    windows: 'LOCALAPPDATA',
    appData: 'Local',
  });
}

interface FolderNames {
  /** The variables that name the folder, and where it is without them: below the home and below `AppData`. */
  xdg: string;
  home: string;
  windows: string;
  appData: string;
}

function platformFolder({ env, platform }: Platform, { xdg, home, windows, appData }: FolderNames): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  const [variable, fallback] = platform === 'win32' ? [windows, join('AppData', appData)] : [xdg, home];
  // An empty variable counts as unset.
  const folder = env[variable] ?? '';
  return folder === '' ? join(homedir(), fallback) : folder;
}
