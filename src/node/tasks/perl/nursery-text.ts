/**
 * The program that parents attempts, in Perl: every Debian has it (`perl-base` is enough), and its `syscall` reaches what
 * Node and a shell cannot. `docs/tasks.md` tells what it does, `docs/decisions/0006-perl-nursery.md` why it is this one.
 *
 * The nursery reads orders, a line each (`order-line.ts`), and forks a supervisor for each; both say on stdout what
 * happened (`nursery.ts`). A supervisor needs neither the nursery nor the agent: its files tell the same.
 */
import { COMMAND_TEXT } from './command-text.ts';
import { OUTPUT_TEXT } from './output-text.ts';
import { PROCESSES_TEXT } from './processes-text.ts';
import { SUPERVISOR_TEXT } from './supervisor-text.ts';
import { SYSTEM_TEXT } from './system-text.ts';

const NURSERY = String.raw`
sub user_called {
  my ($name) = @_;
  my (undef, undef, $uid, $gid, undef, undef, undef, $home, $shell) = getpwnam $name or return undef;
  my @groups;
  while (my (undef, undef, $other, $members) = getgrent) { push @groups, $other if grep { $_ eq $name } split / /, $members }
  return { name => $name, uid => $uid, gid => $gid, groups => \@groups, home => $home, shell => $shell };
}

$0 = 'labwatch-nursery';
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
my ($as_user) = @ARGV;
my $user = length $as_user ? user_called($as_user) : undef;
if (length $as_user && !$user) { say_line('unknown-user'); exit 0 }
if ($LINUX) {
  $host{bootId} = text_of('/proc/sys/kernel/random/boot_id');
  $host{bootId} =~ s/\s+\z// if defined $host{bootId};
  $host{pidNamespace} = readlink "/proc/$$/ns/pid";
  # Whatever loses its supervisor comes here, where it is found.
  adopt_orphans();
}
fcntl STDOUT, Fcntl::F_SETFL(), fcntl(STDOUT, Fcntl::F_GETFL(), 0) | Fcntl::O_NONBLOCK();
say_line('ready', $user ? json(uid => $user->{uid}, gid => $user->{gid}, home => $user->{home}, shell => $user->{shell}) : '{}');

my $rest = '';
while (sysread STDIN, my $bytes, $CHUNK) {
  my @lines = split /\n/, $rest . $bytes, -1;
  $rest = pop @lines;
  for my $line (@lines) {
    my $child = fork;
    if (!defined $child) { select undef, undef, undef, 0.2; redo }
    supervise(order_of($line), $user) if !$child;
  }
}
`;

export const NURSERY_TEXT = [SYSTEM_TEXT, COMMAND_TEXT, OUTPUT_TEXT, PROCESSES_TEXT, SUPERVISOR_TEXT, NURSERY].join('');
