/** The processes of an attempt, and what all of them used. */
export const PROCESSES_TEXT = String.raw`
# Everything below the supervisor, and in the command's session or group; not the dead.
sub family {
  my ($command, $group) = @_;
  my (%parent, %is_ours);
  if (length $group) { $is_ours{$_} = 1 for split /\n/, text_of("$group/cgroup.procs") // '' }
  if ($LINUX && opendir my $proc, '/proc') {
    for my $pid (grep { /^[0-9]+\z/ } readdir $proc) {
      my $stat = text_of("/proc/$pid/stat") // next;
      my ($state, $ppid, $pgrp, $session) = $stat =~ /.*\) (\S) (-?\d+) (-?\d+) (-?\d+)/s or next;
      if ($state =~ /[ZXx]/) { delete $is_ours{$pid}; next }
      $parent{$pid} = $ppid;
      $is_ours{$pid} = 1 if $command == $pgrp || $command == $session;
    }
  } elsif (open my $ps, '-|', 'ps', '-axo', 'pid=,ppid=,pgid=,stat=') {
    while (<$ps>) {
      my ($pid, $ppid, $pgrp, $state) = split;
      next if !defined $state || $state =~ /^Z/;
      $parent{$pid} = $ppid;
      $is_ours{$pid} = 1 if $command == $pgrp;
    }
    close $ps;
  }
  for my $pid (keys %parent) {
    my ($at, @way) = ($pid);
    while (defined $at && $at > 1 && $at != $$ && !$is_ours{$at} && @way < 10000) { push @way, $at; $at = $parent{$at} }
    next unless defined $at && ($at == $$ || $is_ours{$at});
    $is_ours{$_} = 1 for @way;
  }
  delete $is_ours{$$};
  return grep { $_ > 1 } keys %is_ours;
}

# The next child that ended, as waitpid tells it, with what it used and what it had waited for itself (wait4(2)).
sub reap {
  my ($usage) = @_;
  return waitpid -1, POSIX::WNOHANG() if !$call;
  my ($status, $its) = ("\0" x 4, "\0" x 144);
  my $pid = syscall($call->{wait4}, -1, $status, POSIX::WNOHANG(), $its);
  return $pid if $pid <= 0;
  my ($us, $uu, $ss, $su, $rss) = unpack 'q5', $its;
  $usage->{micros} += ($us + $ss) * 1000000 + $uu + $su;
  $usage->{rss} = $rss if $rss > ($usage->{rss} // 0);
  $? = unpack 'i', $status;
  return $pid;
}

# The most that the supervisor itself had resident; 0 where that is not known.
sub own_peak_kb {
  my $usage = "\0" x 144;
  return 0 if !$call || syscall($call->{rusage}, 0, $usage) != 0;
  return (unpack 'q5', $usage)[4];
}

# Bytes of all children that it has reaped: the kernel adds them to the process, not to its thread.
sub reaped_bytes {
  my ($all, $own) = map { text_of("/proc/$$/$_") // '' } 'io', "task/$$/io";
  my %bytes;
  for my $key ('read_bytes', 'write_bytes') {
    my ($sum) = $all =~ /^$key: (\d+)/m;
    my ($mine) = $own =~ /^$key: (\d+)/m;
    $bytes{$key} = $sum - $mine if defined $sum && defined $mine;
  }
  return \%bytes;
}

# What its earlier attempts left in its counters.
my $bytes_before = { read_bytes => 0, write_bytes => 0 };
sub reaped_before {
  my (undef, undef, undef, $user, $system) = POSIX::times();
  return (reapedTicksBefore => $user + $system, reapedReadBytesBefore => $bytes_before->{read_bytes}, reapedWriteBytesBefore => $bytes_before->{write_bytes});
}

sub used {
  my ($group, $usage, $own_rss) = @_;
  my %used;
  if ($call) {
    $used{cpuMicros} = $usage->{micros} // 0;
    # Before its exec the command was a copy of the supervisor: what is not larger than that says nothing.
    $used{memoryPeakBytes} = $usage->{rss} * 1024 if ($usage->{rss} // 0) > $own_rss + $OWN_RSS_MARGIN;
  } else {
    my (undef, undef, undef, $user, $system) = POSIX::times();
    $used{cpuMicros} = int(($user + $system) * 1000000 / POSIX::sysconf(POSIX::_SC_CLK_TCK()));
  }
  my $bytes = reaped_bytes();
  for (['diskReadBytes', 'read_bytes'], ['diskWriteBytes', 'write_bytes']) {
    my ($name, $key) = @$_;
    $used{$name} = $bytes->{$key} - $bytes_before->{$key} if defined $bytes->{$key};
  }
  $bytes_before = $bytes;
  if (length $group) {
    my ($micros) = (text_of("$group/cpu.stat") // '') =~ /^usage_usec (\d+)/m;
    my ($peak) = (text_of("$group/memory.peak") // '') =~ /^(\d+)/;
    $used{cpuMicros} = $micros if defined $micros;
    $used{groupPeakBytes} = $peak if defined $peak;
  }
  return %used;
}
`;
