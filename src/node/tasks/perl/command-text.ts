/** The command, from the fork to its exec: input, output, user, folder, signals, environment. Whatever fails is told by name. */
export const COMMAND_TEXT = `
sub become {
  my ($user) = @_;
  $! = 0;
  $) = join ' ', $user->{gid}, $user->{gid}, @{$user->{groups}};
  return 0 if $!;
  return POSIX::setgid($user->{gid}) && POSIX::setuid($user->{uid});
}

sub run_command {
  my ($order, $user, $output, $failure) = @_;
  my $fail = sub { syswrite $failure, "$_[0] " . ($! + 0); POSIX::_exit(127) };
  POSIX::setsid();
  if (length $order->{group}) {
    open my $procs, '>', "$order->{group}/cgroup.procs" or $fail->('group');
    defined syswrite $procs, '0' or $fail->('group');
    close $procs;
  }
  # Else it has the supervisor's, which holds nothing.
  if (length $order->{stdin}) {
    open my $input, '<', $order->{stdin} or $fail->('stdin');
    POSIX::dup2(fileno $input, 0);
  }
  POSIX::dup2(fileno $output, $_) for 1, 2;
  umask 0022;
  if ($user) { become($user) or $fail->('user') }
  chdir $order->{cwd} or $fail->('cwd');
  $SIG{$_} = 'DEFAULT' for qw(HUP INT QUIT PIPE);
  POSIX::sigprocmask(POSIX::SIG_SETMASK(), POSIX::SigSet->new);
  %ENV = %{$order->{env}};
  # PATH was searched before. Searched once more, a folder of it that is closed would count as the program's fault.
  if ($order->{program} !~ m{/}) { $! = POSIX::ENOENT(); $fail->('exec') }
  no warnings 'exec';
  exec { $order->{program} } @{$order->{arg}};
  $fail->('exec');
}

sub why_not {
  my ($stage, $errno, $order) = @_;
  my $reason = POSIX::strerror($errno);
  return "It could not become the user it should run as ($reason). The agent must run as root for that." if $stage eq 'user';
  return "Its working folder $order->{cwd} cannot be entered ($reason). Make it, or name another one." if $stage eq 'cwd';
  return "What it should read on its standard input is not there ($reason)." if $stage eq 'stdin';
  my $hint = $errno == POSIX::ENOENT() ? 'Install it there, or name it by its full path.'
    : $errno == POSIX::EACCES() ? 'It must be a file that this user may execute.'
    : $errno == POSIX::E2BIG() ? 'Its arguments and environment are too long.'
    : 'It is no program for this machine.';
  return substr($order->{arg}[0], 0, 200) . " cannot be run: $reason. $hint";
}
`;
