/** The shape of what answers requests over the control socket. */
import type { Result } from '../core/result.ts';
import type { ControlMethod, ControlMethods } from '../shared/control/contract.ts';

/** One handler a method; `Context` is what they need beside the parameters, which are checked already. */
export type ControlHandlers<Method extends ControlMethod, Context> = {
  readonly [Name in Method]: (
    params: ControlMethods[Name]['params'],
    context: Context,
  ) => Result<ControlMethods[Name]['value']> | Promise<Result<ControlMethods[Name]['value']>>;
};
