/**
 * A supervisor in POSIX sh, for machines without Perl: the same files, less exactly. It adopts no orphans, so it finds the
 * processes of its attempt by the mark in their environment; its clock ticks in 10 ms.
 */
export const SHELL_SUPERVISOR_TEXT = String.raw`
folder=$1 id=$2 timeout=$3 grace=$4 cwd=$5 input=$6 boot=$7 namespace=$8 started=$9
shift 9
exec < /dev/null > /dev/null 2>&1
how=exited child= orphans=0

uptime_ms() { read -r up rest < /proc/uptime; echo "$(echo "$up" | tr -d .)0"; }
ticks() { read -r stat < "/proc/$$/stat"; set -- ${'$'}{stat##*) }; shift 19; echo "$1"; }

finish() {
  printf '{"how":"%s","endedAtMs":%s,"wallMs":%s,"shellCode":%s,"orphansEnded":%s,"shellTimes":"%s","basis":"process-tree"}' \
    "$how" "$((started + $1))" "$1" "$2" "$orphans" "$3" > "$folder/end.draft" && mv "$folder/end.draft" "$folder/end"
  exit 0
}

marked() {
  for file in /proc/[0-9]*/environ; do
    pid=${'$'}{file#/proc/} pid=${'$'}{pid%/environ}
    if tr '\0' '\n' < "$file" | grep -qxF "LABWATCH_ATTEMPT=$id"; then
      case $(sed 's/.*) //' "/proc/$pid/stat") in Z* | X*) ;; *) echo "$pid" ;; esac
    fi
  done
}

each() { for pid in $(marked); do kill "-$1" "$pid"; done; }

# after SECONDS SIGNAL: in a process of its own, which ends with what it waits for. It may outlive this shell, whose number
# nobody else gets before: that is kept for the session that both are of.
after() { (trap 'kill $sleeping; exit' TERM; sleep "$1" & sleeping=$!; wait $sleeping && kill "-$2" $$) & timers="$timers $!"; }

# Before its exec the command is a copy of this shell, which would swallow the signal.
settle() {
  tries=0
  until [ $tries -ge 50 ] || marked | grep -qx "$child"; do sleep 0.02; tries=$((tries + 1)); done
}

ask() {
  [ "$how" = exited ] || return
  how=$1
  [ -n "$child" ] && settle
  each TERM
  each CONT
  after "$grace" USR2
}

umask 077
trap 'ask cancelled' TERM
trap 'ask timed-out' USR1
trap 'each KILL; after 1 USR2' USR2
ticks=$(ticks)
printf '{"pid":%s,"startTicks":"%s","bootId":"%s","pidNamespace":"%s","startedAtMs":%s,"basis":"process-tree","group":""}' \
  $$ "$ticks" "$boot" "$namespace" "$started" > "$folder/start.$$"
ln "$folder/start.$$" "$folder/start" || { rm -f "$folder/start.$$"; exit 0; }
rm -f "$folder/start.$$"
if [ -e "$folder/cancel" ]; then
  printf '{"how":"cancelled","endedAtMs":%s}' "$started" > "$folder/end.draft" && mv "$folder/end.draft" "$folder/end"
  exit 0
fi

began=$(uptime_ms)
own=$(command -v setsid) || own=
# The list of processes shows what a program was started with: variables come from a file, not as words for env.
(umask 022; cd "$cwd" && unset OLDPWD PWD SHLVL && . "$folder/env" && exec ${'$'}{own:+"$own"} "$@") < "$input" >> "$folder/output.0000000000000000" 2>&1 &
child=$!
[ "$how" = exited ] || { settle; each TERM; }
[ -n "$timeout" ] && after "$timeout" USR1
while :; do
  wait $child
  code=$?
  kill -0 $child || break
done
# A signal may have ended the waiting, and the command been reaped meanwhile; 127 means that nothing was.
wait $child
again=$?
[ $again = 127 ] || code=$again
wall=$(($(uptime_ms) - began))
left=$(marked)
if [ -n "$left" ]; then
  orphans=$(echo "$left" | wc -l)
  each TERM
  tries=0
  while [ $tries -lt 10 ] && [ -n "$(marked)" ]; do sleep 0.1; tries=$((tries + 1)); done
  while [ $tries -lt 300 ] && [ -n "$(marked)" ]; do each KILL; sleep 0.1; tries=$((tries + 1)); done
fi
for timer in $timers; do kill $timer; done
finish "$wall" "$code" "$(times | tail -n 1)"
`;
