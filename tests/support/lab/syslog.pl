#!/usr/bin/perl
# The machine's syslog daemon, in the little that the tests need: what is sent to /dev/log is appended to
# /var/log/auth.log (facilities auth and authpriv) or /var/log/messages in rsyslog's traditional form, and to
# /var/log/raw.log as it came, "<PRI>" included. Control characters become #ooo, as rsyslog does it.
use strict;
use warnings;
use IO::Socket::UNIX;

my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => '/dev/log') or die "/dev/log: $!";
chmod 0666, '/dev/log';
sub append { my ($file, $line) = @_; open(my $out, '>>', "/var/log/$file") or die; print $out $line; close $out }

while (defined $socket->recv(my $message, 65536)) {
  $message =~ s/[\0\n]+\z//;
  $message =~ s/([\x00-\x1f\x7f])/sprintf '#%03o', ord $1/ge;
  append('raw.log', "$message\n");
  my ($priority, $time, $rest) = $message =~ /\A<(\d+)>(\w{3} [ \d]\d [\d:]{8}) (.*)\z/s or next;
  my $facility = $priority >> 3;
  append($facility == 4 || $facility == 10 ? 'auth.log' : 'messages', "$time lab $rest\n");
}
