/** What Perl reaches of the system: clocks, the adoption of orphans, small files, the lines of an order. */
export const SYSTEM_TEXT = String.raw`
use strict;
use POSIX ();
use Fcntl ();

my $LINUX = $^O eq 'linux';
my $LEAST_KILL_S = 0.005;
my $MOST_KILL_S = 0.5;
my $GIVE_UP_S = 30;
my $ORPHAN_GRACE_S = 1;
my $IDLE_S = 30;
my $MOST_IDLE = 4;
my $SEGMENTS = 8;
my $OWN_RSS_MARGIN = 512;
my $CHUNK = 65536;
my %NUMBERS = (
  x86_64 => { clock => 228, rusage => 98, wait4 => 61, prctl => 157, signalfd => 289 },
  aarch64 => { clock => 113, rusage => 165, wait4 => 260, prctl => 167, signalfd => 74 },
);
my $call = $LINUX && length(pack 'P', '') == 8 ? $NUMBERS{(POSIX::uname())[4]} : undef;
my $hires = $call ? 0 : eval { require Time::HiRes; 1 };

sub seconds {
  my ($clock) = @_;
  if ($call) {
    my $spec = "\0" x 16;
    syscall($call->{clock}, $clock, $spec);
    my ($s, $ns) = unpack 'qq', $spec;
    return $s + $ns / 1e9;
  }
  return $hires ? Time::HiRes::time() : time;
}
sub wall_ms { return int(seconds(0) * 1000) }
sub monotonic { return seconds(1) }

sub adopt_orphans { return $call && syscall($call->{prctl}, 36, 1, 0, 0, 0) == 0 }

# Without Perl's own layer of reading, which asks the system four more questions about each file.
sub text_of {
  my ($path) = @_;
  sysopen my $file, $path, Fcntl::O_RDONLY() or return undef;
  my $text = '';
  while (sysread $file, $text, $CHUNK, length $text) {}
  return $text;
}

sub start_ticks {
  my $stat = $LINUX ? text_of("/proc/$$/stat") : undef;
  return defined $stat && $stat =~ /.*\) (.*)/s ? (split / /, $1)[19] : undef;
}

# Values that look like whole numbers are numbers, references to texts are texts, undefined is null.
sub json {
  my (%of) = @_;
  my @pairs = map {
    my $value = $of{$_};
    if (!defined $value) { $value = 'null' }
    elsif (ref $value || $value !~ /^-?(0|[1-9][0-9]{0,15})\z/) {
      $value = $$value if ref $value;
      $value =~ s/([\x00-\x1f"\\\x7f])/sprintf '\\u%04x', ord $1/ge;
      $value = qq("$value");
    }
    qq("$_":$value);
  } sort keys %of;
  return '{' . join(',', @pairs) . '}';
}

sub write_text {
  my ($path, $text) = @_;
  sysopen my $file, $path, Fcntl::O_WRONLY() | Fcntl::O_CREAT() | Fcntl::O_TRUNC(), 0600 or return 0;
  my $written = syswrite $file, $text;
  return close($file) && defined $written && $written == length $text;
}

# One write a line, so that the lines of several processes do not mix. Nobody may be listening.
sub say_line { syswrite STDOUT, join(' ', @_) . "\n" }

sub order_of {
  my ($line) = @_;
  my %order = (arg => [], env => {}, groups => []);
  for my $word (split /\t/, $line) {
    my ($key, $value) = split /=/, $word, 2;
    $value =~ s/%([0-9a-f]{2})/chr hex $1/ge;
    if ($key eq 'arg') { push @{$order{arg}}, $value }
    elsif ($key eq 'env') { my ($name, $is) = split /=/, $value, 2; $order{env}{$name} = $is }
    else { $order{$key} = $value }
  }
  return \%order;
}
`;
