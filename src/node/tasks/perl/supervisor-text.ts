/**
 * A supervisor: claims its attempt, runs the command, ends what must end, waits for every descendant, writes what came of
 * it. Then, where nothing of that attempt is left, it takes the next one from the nursery: to fork another costs more than
 * a short task.
 */
export const SUPERVISOR_TEXT = String.raw`
my %host = (bootId => undef, pidNamespace => undef);

# A full disk is waited for: without its files nobody would know of the attempt. Forgotten meanwhile, it is over.
sub wait_for_disk {
  my ($order) = @_;
  POSIX::_exit(1) unless -d $order->{folder};
  select undef, undef, undef, 1;
}

# What it tells stands below its order, a line each. Whole, or not at all; the lines after $at are not.
sub tell_below {
  my ($order, $at, $text) = @_;
  my $line = "\n$text\n";
  until (sysseek($order->{record}, $at, 0) && (syswrite($order->{record}, $line) // 0) == length $line) {
    truncate $order->{record}, $at;
    wait_for_disk($order);
  }
  $order->{told} = $at + length($line) - 1;
}

# Whoever comes second finds it taken, and lets go. Some disks know no locks, and all let go of those of the dead.
sub claim {
  my ($order, %facts) = @_;
  sysopen $order->{record}, "$order->{folder}/order.json", Fcntl::O_RDWR() | Fcntl::O_CREAT(), 0600 or return 0;
  flock $order->{record}, Fcntl::LOCK_EX();
  sysread $order->{record}, my $text, -s $order->{record};
  my $at = index $text, "\n";
  my $is_mine = $at < 0 || index($text, "\n", $at + 1) < 0;
  if ($is_mine) {
    truncate $order->{record}, $at if $at >= 0;
    tell_below($order, $at < 0 ? length $text : $at, json(%facts));
  }
  flock $order->{record}, Fcntl::LOCK_UN();
  return $is_mine;
}

# Free before its end is known: an order that follows from that finds this supervisor.
sub finish {
  my ($order, $own, $is_clean, %facts) = @_;
  my $text = json(endedAtMs => wall_ms(), %facts);
  tell_below($order, $order->{told}, $text);
  my $is_free = $is_clean && let_go($own);
  say_line('end', $order->{id}, $text);
  return $is_free;
}

sub let_go {
  my ($own) = @_;
  return $own->{orders} && syswrite $own->{orders}, '.';
}

# Undef where there will be none, or none came for a while.
sub next_order {
  my ($orders) = @_;
  my ($line, $ready) = ('', '');
  vec($ready, fileno $orders, 1) = 1;
  select($ready, undef, undef, $IDLE_S) > 0 or return undef;
  until ($line =~ /\n\z/) { sysread $orders, $line, $CHUNK, length $line or return undef }
  chomp $line;
  return order_of($line);
}

# What is the same for all of its attempts. $orders: from where the next ones come.
sub serve {
  my ($order, $user, $orders) = @_;
  POSIX::setsid();
  my $signals = POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGCHLD());
  POSIX::sigprocmask(POSIX::SIG_BLOCK(), $signals);
  $SIG{$_} = 'DEFAULT' for qw(CHLD TERM USR1 USR2 TSTP TTIN TTOU ALRM);
  $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT PIPE);
  open STDIN, '<', '/dev/null';
  my $mask = pack 'Q', 1 << POSIX::SIGTERM() - 1 | 1 << POSIX::SIGCHLD() - 1;
  my $signal_fd = $call ? syscall($call->{signalfd}, -1, $mask, 8, 02004000) : -1;
  my $signal_file;
  open $signal_file, '<&=', $signal_fd if $signal_fd >= 0;
  my ($ticks, $is_reaper) = (start_ticks(), adopt_orphans());
  my %own = (user => $user, signal_file => $signal_file, is_reaper => $is_reaper, ticks => defined $ticks ? \$ticks : undef);
  # Only where nothing of one attempt can be left for the next.
  $own{orders} = $orders if $is_reaper;
  while ($order) { $order = supervise($order, \%own) ? next_order($orders) : undef }
  # Perl would tidy up memory first, of which every page is then copied: a fifth of what a short task costs.
  POSIX::_exit(0);
}

# Whether it is free for another attempt.
sub supervise {
  my ($order, $own) = @_;
  my ($signal_file, $is_reaper) = @$own{qw(signal_file is_reaper)};
  $0 = "labwatch-supervisor $order->{id}";
  $order->{group} = '' if length $order->{group} && !mkdir $order->{group}, 0700;
  my $basis = length $order->{group} ? 'cgroup' : $is_reaper ? 'subreaper' : 'process-tree';
  my %start = (pid => $$, startTicks => $own->{ticks}, startedAtMs => wall_ms(), basis => $basis, group => $order->{group}, reaped_before(), %host);
  if (!claim($order, %start)) {
    rmdir $order->{group} if length $order->{group};
    return let_go($own);
  }
  if (-e "$order->{folder}/cancel") {
    rmdir $order->{group} if length $order->{group};
    return finish($order, $own, 1, how => 'cancelled');
  }

  my $output = Output->new($order->{folder}, $order->{outputLimitBytes});
  my $own_rss = own_peak_kb();
  my ($reading, $writing, $failing, $failed);
  pipe($reading, $writing) && pipe($failing, $failed) or die "no pipe: $!";
  my $flags = fcntl $reading, Fcntl::F_GETFL(), 0;
  fcntl $reading, Fcntl::F_SETFL(), $flags | Fcntl::O_NONBLOCK();
  my $began = monotonic();
  my $command = fork;
  if (defined $command && !$command) { run_command($order, $own->{user}, $writing, $failed) }
  close $writing;
  close $failed;
  if (!defined $command) {
    return finish($order, $own, 0, how => 'not-started', message => "No further process can be started here ($!).");
  }
  say_line('start', $order->{id}, json(%start));

  my ($how, $status, $ended, $kill_at, $killed_at, $pause, $are_all_gone) = ('exited');
  my ($is_open, $is_asked, $is_cancelled, $is_beaten) = (1, 0, 0, 0);
  my (%was_told, %outlived, %usage);
  my $each = sub {
    my ($signal) = @_;
    for my $pid (family($command, $order->{group})) {
      $outlived{$pid} = 1 if defined $ended && ($signal eq 'KILL' || !$was_told{$pid});
      $was_told{$pid} = 1;
      kill $signal, $pid;
      kill 'CONT', $pid if $signal eq 'TERM';
    }
    if ($signal eq 'KILL' && length $order->{group} && open(my $kill, '>', "$order->{group}/cgroup.kill")) { syswrite $kill, '1' }
  };
  my $pump = sub {
    for (1 .. 32) {
      my $count = sysread $reading, my $bytes, $CHUNK;
      return if !defined $count;
      if ($count == 0) { $is_open = 0; return }
      $output->add($bytes);
    }
  };

  until ($are_all_gone) {
    my ($watched, $now) = ('', monotonic());
    vec($watched, fileno $reading, 1) = 1 if $is_open;
    vec($watched, fileno $signal_file, 1) = 1 if $signal_file;
    my @until = $signal_file ? () : ($now + 0.02);
    push @until, $kill_at if defined $kill_at;
    push @until, $began + $order->{timeoutMs} / 1000 if length $order->{timeoutMs} && $how eq 'exited' && !defined $ended;
    my ($next) = sort { $a <=> $b } @until;
    my $rest = defined $next ? $next > $now ? $next - $now : 0 : undef;
    $rest = 60 if !defined $rest || $rest > 60;
    my $ready = $watched;
    select $ready, undef, undef, $rest;

    if ($signal_file) {
      my $count = sysread $signal_file, my $infos, 128 * 16;
      for my $info (unpack '(a128)*', defined $count ? $infos : '') { $is_asked = 1 if unpack('L', $info) == POSIX::SIGTERM() }
    } else {
      my $pending = POSIX::SigSet->new;
      POSIX::sigpending($pending);
      $is_asked = 1 if $pending->ismember(POSIX::SIGTERM());
    }
    # Without the file somebody meant the attempt before this one, which was just over.
    $is_cancelled = 1 if $is_asked && -e "$order->{folder}/cancel";
    $is_asked = 0;
    $pump->() if $is_open;
    my $pid;
    while (($pid = reap(\%usage)) > 0) {
      if ($pid == $command) { ($status, $ended) = ($?, monotonic()) }
    }
    my $has_none = $pid == -1;
    $now = monotonic();
    if (defined $ended && $has_none && ($is_reaper || !family($command, $order->{group}))) { $are_all_gone = 1; next }

    if (!defined $ended && $how eq 'exited') {
      my $is_late = length $order->{timeoutMs} && $now >= $began + $order->{timeoutMs} / 1000;
      if ($is_cancelled || $is_late) {
        $how = $is_cancelled ? 'cancelled' : 'timed-out';
        $each->('TERM');
        $kill_at = $now + $order->{graceMs} / 1000;
      }
    } elsif (defined $ended && !defined $kill_at) {
      $each->('TERM');
      my $grace = $order->{graceMs} / 1000;
      $kill_at = $now + ($grace < $ORPHAN_GRACE_S ? $grace : $ORPHAN_GRACE_S);
    }
    if (defined $kill_at && $now >= $kill_at) {
      $each->('KILL');
      $killed_at //= $now;
      $pause = defined $pause ? $pause * 2 < $MOST_KILL_S ? $pause * 2 : $MOST_KILL_S : $LEAST_KILL_S;
      $kill_at = $now + $pause;
      if ($now - $killed_at > $GIVE_UP_S) { $is_beaten = 1; $are_all_gone = 1 }
    }
  }
  $pump->() if $is_open;
  $ended //= monotonic();

  my %used = used($order->{group}, \%usage, $own_rss);
  rmdir $order->{group} if length $order->{group};
  my ($code, $signal, $message);
  if (defined $status) { $status & 127 ? ($signal = $status & 127) : ($code = $status >> 8) }
  # Empty, and closed, once it was executed: nobody else writes there.
  sysread $failing, my $failure, 100;
  if (length $failure) {
    my ($stage, $errno) = split / /, $failure;
    $message = why_not($stage, $errno, $order);
    $output->add("labwatch: $message\n");
    if ($stage eq 'exec') { $code = $errno == POSIX::ENOENT() ? 127 : 126 }
    else { ($how, $code) = ('not-started', undef) }
  }
  $message = 'Some of its processes cannot be ended and go on.' if $is_beaten;
  return finish($order, $own, !$is_beaten,
    how => $how, exitCode => $code, signal => $signal, message => $message, wallMs => int(($ended - $began) * 1000 + 0.5),
    orphansEnded => scalar(keys %outlived), outputBytes => $output->{total}, outputDroppedBytes => $output->{total} - $output->{kept}, %used);
}
`;
