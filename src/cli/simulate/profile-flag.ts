/** `--profile` of the simulations: how workers are weighed. */
import { fail, ok, type Result } from '../../core/result.ts';
import { PROFILE_NAMES, type ProfileName } from '../../core/scheduling/profiles.ts';

/** `usual`: where none is named. */
export function profileOf(name: string | undefined, usual: ProfileName): Result<ProfileName> {
  const profile = PROFILE_NAMES.find((one) => one === (name ?? usual));
  if (profile !== undefined) return ok(profile);
  return fail('invalid-argument', `There is no profile ${name}. Those there are: ${PROFILE_NAMES.join(', ')}.`);
}
