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

sub used {
  my ($group, $own_rss) = @_;
  my %used;
  if ($call) {
    my $usage = "\0" x 144;
    if (syscall($call->{rusage}, -1, $usage) == 0) {
      my ($us, $uu, $ss, $su, $rss) = unpack 'q5', $usage;
      $used{cpuMicros} = ($us + $ss) * 1000000 + $uu + $su;
      # Before its exec the command was a copy of the supervisor: what is not larger than that says nothing.
      $used{memoryPeakBytes} = $rss * 1024 if $rss > $own_rss + $OWN_RSS_MARGIN;
    }
  } else {
    my (undef, undef, undef, $user, $system) = POSIX::times();
    $used{cpuMicros} = int(($user + $system) * 1000000 / POSIX::sysconf(POSIX::_SC_CLK_TCK()));
  }
  # The kernel adds the bytes of reaped children to the process, not to its thread.
  my ($all, $own) = map { text_of("/proc/$$/$_") // '' } 'io', "task/$$/io";
  for (['diskReadBytes', 'read_bytes'], ['diskWriteBytes', 'write_bytes']) {
    my ($name, $key) = @$_;
    my ($sum) = $all =~ /^$key: (\d+)/m;
    my ($mine) = $own =~ /^$key: (\d+)/m;
    $used{$name} = $sum - $mine if defined $sum && defined $mine;
  }
  if (length $group) {
    my ($micros) = (text_of("$group/cpu.stat") // '') =~ /^usage_usec (\d+)/m;
    my ($peak) = (text_of("$group/memory.peak") // '') =~ /^(\d+)/;
    $used{cpuMicros} = $micros if defined $micros;
    $used{groupPeakBytes} = $peak if defined $peak;
  }
  return %used;
}
`;
