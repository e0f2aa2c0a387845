#!/usr/bin/python3
# An NTP server whose clock is so many seconds ahead: chrony itself cannot be one without setting the clock.
#   ntp-server.py PORT SECONDS [ADDRESS]      default: loopback
import socket, struct, sys, time
ahead = float(sys.argv[2])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1", int(sys.argv[1])))
def stamp(moment):
    moment += 2208988800 + ahead
    return struct.pack("!II", int(moment), int((moment % 1) * 2**32))
while True:
    request, peer = server.recvfrom(512)
    now = time.time()
    head = struct.pack("!BBbbII4s", 4 << 3 | 4, 2, request[2] & 15, -20, 0x10, 0x10, b"TEST")
    server.sendto(head + stamp(now - 1) + request[40:48] + stamp(now) + stamp(time.time()), peer)
