#!/usr/bin/perl
# What a shell is too slow for: connects many athletes, and asks for paths over
# connections that stay open. Prints what nodes answered in numbers.
#
#   client.pl connect HOST:PORT SIM_HOST:PORT FIRST_ID COUNT
#   client.pl sync HOST:PORT FIRST_ID COUNT MODE
#   client.pl read HOST:PORT SECONDS CONNECTIONS PATH...
#
# read prints "COUNT P50_MS P99_MS REFUSED", REFUSED being answers but 200.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

sub dial {
  my ($where) = @_;
  return IO::Socket::INET->new(PeerAddr => $where, Timeout => 10)
    || die "cannot connect to $where: $!\n";
}

# Sends one request over an open connection and returns status, head and body.
sub ask {
  my ($socket, $method, $path, $body, @headers) = @_;
  my $text = "$method $path HTTP/1.1\r\nHost: localhost\r\n";
  $text .= "$_\r\n" for @headers;
  $text .= 'Content-Length: ' . length($body) . "\r\n" if $method ne 'GET';
  print {$socket} "$text\r\n$body" or die "cannot write: $!\n";
  my $got = '';
  while ($got !~ /\r\n\r\n/) {
    sysread($socket, $got, 65536, length $got) or die "closed after: $got\n";
  }
  my ($head, $rest) = split /\r\n\r\n/, $got, 2;
  my ($length) = $head =~ /^content-length: *(\d+)/im;
  while (length $rest < ($length // 0)) {
    sysread($socket, $rest, 65536, length $rest) or die "closed\n";
  }
  my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};
  return ($status, $head, $rest);
}

sub path_of {
  my ($head) = @_;
  my ($to) = $head =~ m{^location: *(?:https?://[^/]+)?(\S+)}im
    or die "no redirect in: $head\n";
  return $to;
}

sub connect_athletes {
  my ($api, $sim, $first, $count) = @_;
  my ($node, $strava) = (dial($api), dial($sim));
  my $scope = 'read,activity:read_all,profile:read_all';
  for my $id ($first .. $first + $count - 1) {
    my (undef, $head) = ask($node, 'GET', '/connect', '');
    my ($cookie) = $head =~ /^set-cookie: *([^;\r]+)/im;
    (undef, my $given) = ask($strava, 'POST', path_of($head),
      "athlete_id=$id&scope=$scope",
      'Content-Type: application/x-www-form-urlencoded');
    my ($status) = ask($node, 'GET', path_of($given), '',
      defined $cookie ? "Cookie: $cookie" : ());
    die "athlete $id: $status\n" if $status != 302;
  }
}

sub sync_athletes {
  my ($api, $first, $count, $mode) = @_;
  my $node = dial($api);
  for my $id ($first .. $first + $count - 1) {
    my ($status, undef, $text)
      = ask($node, 'POST', "/api/v1/athletes/$id/sync", qq({"mode":"$mode"}),
        'Content-Type: application/json');
    die "athlete $id: $status $text\n" if $status != 202;
  }
}

sub read_paths {
  my ($api, $seconds, $connections, @paths) = @_;
  my ($end, $refused, $next, @ms) = (time + $seconds, 0, 0);
  my ($ready, %open) = (IO::Select->new);
  my $send = sub {
    my ($one) = @_;
    my $path = $paths[$next++ % @paths];
    $open{$one} = {since => time, got => ''};
    print {$one} "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n";
  };
  for (1 .. $connections) {
    my $one = dial($api);
    $one->autoflush(1);
    $ready->add($one);
    $send->($one);
  }
  while ((my $left = $end - time) > 0) {
    for my $one ($ready->can_read($left)) {
      my $mine = $open{$one};
      if (!sysread $one, $mine->{got}, 1 << 20, length $mine->{got}) {
        ++$refused;
        $ready->remove($one);
        next;
      }
      if (!defined $mine->{whole}) {
        my $head = index $mine->{got}, "\r\n\r\n";
        next if $head < 0;
        my ($length) = $mine->{got} =~ /^content-length: *(\d+)/im;
        $mine->{whole} = $head + 4 + ($length // 0);
      }
      next if length $mine->{got} < $mine->{whole};
      push @ms, (time - $mine->{since}) * 1000;
      ++$refused if $mine->{got} !~ m{^HTTP/1\.1 200};
      $send->($one);
    }
  }
  @ms = sort { $a <=> $b } @ms;
  printf "%d %.2f %.2f %d\n", scalar @ms,
    @ms ? ($ms[@ms / 2], $ms[@ms * 0.99]) : (-1, -1), $refused;
}

my $what = shift // '';
if    ($what eq 'connect') { connect_athletes(@ARGV) }
elsif ($what eq 'sync')    { sync_athletes(@ARGV) }
elsif ($what eq 'read')    { read_paths(@ARGV) }
else                       { die "usage: see the head of $0\n" }
