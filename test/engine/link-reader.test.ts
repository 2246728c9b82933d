import { describe, expect, test } from 'vitest';
import { readLink } from '../../src/engine/link-reader.ts';
import { linkPair, settle } from './memory-link.ts';

describe('reading a link message by message', () => {
  test('gives them in order, those that came early too, and says why there are no more', async () => {
    const { agentEnd, coordinatorEnd } = linkPair();
    const reader = readLink(agentEnd);
    for (const text of ['a', 'b']) coordinatorEnd.send(text);
    await settle();
    coordinatorEnd.send('c');
    coordinatorEnd.breakOff();
    const heard = [];
    for (let count = 0; count < 4; count += 1) heard.push(await reader.next());
    expect(heard).toMatchObject([
      { ok: true, value: 'a' },
      { ok: true, value: 'b' },
      { ok: true, value: 'c' },
      { ok: false, error: { message: 'The other side closed the connection.' } },
    ]);
    expect(reader.isOver()).toBe(true);
  });

  test('hands over what waits and what comes, each once and in order, and the end', async () => {
    const { agentEnd, coordinatorEnd } = linkPair();
    const reader = readLink(agentEnd);
    for (const text of ['a', 'b', 'c']) coordinatorEnd.send(text);
    await settle();
    const heard: string[] = [(await reader.next()).ok ? 'first' : ''];
    reader.handOver({ onMessage: (text) => heard.push(text), onEnd: ({ kind }) => heard.push(kind) });
    coordinatorEnd.send('d');
    coordinatorEnd.dispose();
    await settle();
    expect(heard).toEqual(['first', 'b', 'c', 'd', 'closed']);
  });

  test('tells the end to whom it is handed over after it', async () => {
    const { agentEnd, coordinatorEnd } = linkPair();
    const reader = readLink(agentEnd);
    coordinatorEnd.send('a');
    coordinatorEnd.dispose();
    await settle();
    const heard: string[] = [];
    reader.handOver({ onMessage: (text) => heard.push(text), onEnd: ({ kind }) => heard.push(kind) });
    expect(heard).toEqual(['a', 'closed']);
  });

  test('gives up on who talks without end before his turn', async () => {
    const { agentEnd, coordinatorEnd } = linkPair();
    const reader = readLink(agentEnd);
    for (let sent = 0; sent < 100; sent += 1) coordinatorEnd.send('now listen');
    await settle();
    expect(await reader.next()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(agentEnd.isEnded()).toBe(true);
  });
});
