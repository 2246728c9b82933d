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

# By the number of the socket over which a supervisor says that it is free, and gets its next order.
my %supervisors;

sub fork_supervisor {
  my ($line, $is_again) = @_;
  my ($near, $far);
  # AF_UNIX, SOCK_STREAM. Where usage is not told child by child, a supervisor serves one attempt only.
  socketpair $near, $far, 1, 1, 0 if $call;
  my $child;
  until (defined($child = fork)) { select undef, undef, undef, 0.2 }
  if (!$child) {
    # Else its siblings would not notice the end of the nursery.
    %supervisors = ();
    undef $near;
    serve(order_of($line), $user, $far);
  }
  $supervisors{fileno $near} = { socket => $near, line => $line, is_again => $is_again } if $near;
}

sub give {
  my ($line) = @_;
  my ($free) = grep { !defined $_->{line} } values %supervisors;
  return fork_supervisor($line, 0) if !$free;
  @$free{qw(line is_again)} = ($line, 0);
  my $at = 0;
  while ($at < length "$line\n") { $at += syswrite($free->{socket}, "$line\n", $CHUNK, $at) || last }
}

sub hear {
  my ($supervisor) = @_;
  if (sysread $supervisor->{socket}, my $word, 1) {
    $supervisor->{line} = undef;
    my $free = grep { !defined $_->{line} } values %supervisors;
    delete $supervisors{fileno $supervisor->{socket}} if $free > $MOST_IDLE;
    return;
  }
  delete $supervisors{fileno $supervisor->{socket}};
  # It may have ended before it saw its order. Where it did not, the next one finds the attempt taken, and lets go.
  fork_supervisor($supervisor->{line}, 1) if defined $supervisor->{line} && !$supervisor->{is_again};
}

my $rest = '';
while (1) {
  my $ready = '';
  vec($ready, $_, 1) = 1 for fileno STDIN, keys %supervisors;
  select $ready, undef, undef, undef;
  for my $number (keys %supervisors) { hear($supervisors{$number}) if vec $ready, $number, 1 }
  next if !vec $ready, fileno STDIN, 1;
  sysread STDIN, my $bytes, $CHUNK or last;
  my @lines = split /\n/, $rest . $bytes, -1;
  $rest = pop @lines;
  give($_) for @lines;
}
`;

export const NURSERY_TEXT = [SYSTEM_TEXT, COMMAND_TEXT, OUTPUT_TEXT, PROCESSES_TEXT, SUPERVISOR_TEXT, NURSERY].join('');
