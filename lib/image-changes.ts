import { checkObject, checkString, checkText } from './core/check';

/** What can be changed about an image; only its name unless it is a custom image. */
export interface ImageChanges {
  name?: string;
  description?: string;
  distribution?: string;
}

/** The body of an update. @throws TypeError when nothing is to be changed, or the name is empty */
export function checkChanges(changes: ImageChanges): ImageChanges {
  const { name, description, distribution } = checkObject('changes', changes) as ImageChanges;
  if (name === undefined && description === undefined && distribution === undefined) {
    throw new TypeError('changes: expected at least one of name, description, distribution');
  }
  return {
    ...(name !== undefined && { name: checkText('name', name) }),
    ...(description !== undefined && { description: checkString('description', description) }),
    ...(distribution !== undefined && { distribution: checkText('distribution', distribution) }),
  };
}
