/** The file of Postern's own; its name makes it the first that Debian's Include reads, and the first value wins. */
export const sshdDropInPath = '/etc/ssh/sshd_config.d/00-postern.conf';
