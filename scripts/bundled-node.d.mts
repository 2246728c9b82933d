export declare function bundledNodePath(): string;
export declare function canRunScripts(): boolean;
export declare function canRunDatabase(): boolean;
export declare function continueOnBundledNode(file: string, args: readonly string[]): Promise<never>;
export declare function runChild(
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string | undefined>>,
): Promise<number>;
