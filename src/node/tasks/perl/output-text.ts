/** What a command writes: files named by the offset of their first byte, of which the oldest go once the limit is reached. */
export const OUTPUT_TEXT = `
package Output {
  sub new {
    my ($class, $folder, $limit) = @_;
    my $most = POSIX::ceil($limit / $SEGMENTS) || 1;
    return bless { folder => $folder, limit => $limit, most => $most, total => 0, kept => 0, parts => [] }, $class;
  }
  sub add {
    my ($self, $bytes) = @_;
    my $at = 0;
    while ($at < length $bytes) {
      my $part = $self->part;
      my $room = $part ? $self->{most} - $part->{size} : length $bytes;
      my $written = $part ? syswrite($part->{file}, $bytes, $room, $at) : undef;
      # What cannot be written is counted as dropped; later bytes begin a file of their own.
      if (!defined $written) { $self->{total} += length($bytes) - $at; $self->{ended} = 1; return }
      $part->{size} += $written;
      $self->{$_} += $written for qw(total kept);
      $at += $written;
      $self->drop_oldest;
    }
  }
  sub part {
    my ($self) = @_;
    return undef if $self->{limit} <= 0;
    my $last = $self->{parts}[-1];
    return $last if $last && !$self->{ended} && $last->{size} < $self->{most};
    my $path = sprintf '%s/output.%016d', $self->{folder}, $self->{total};
    sysopen my $file, $path, Fcntl::O_WRONLY() | Fcntl::O_CREAT() | Fcntl::O_APPEND(), 0600 or return undef;
    close $last->{file} if $last;
    $self->{ended} = 0;
    push @{$self->{parts}}, { path => $path, file => $file, size => 0 };
    return $self->{parts}[-1];
  }
  sub drop_oldest {
    my ($self) = @_;
    while ($self->{kept} > $self->{limit} && @{$self->{parts}} > 1) {
      my $oldest = shift @{$self->{parts}};
      unlink $oldest->{path};
      $self->{kept} -= $oldest->{size};
    }
  }
}
`;
