/**
 * Prints what the kernel says of a process, as it is at one moment. bash reads a file of /proc line by line and goes
 * back to the end of each line, and the kernel makes the text anew each time: a process that falls asleep between two
 * lines makes its text one character longer, and a line of it is not recognised. Of a busy process some 1 % of the
 * looks missed the line of its user.
 * @param folder of the process
 */
export function statusOf(folder: string): string {
  return `head -c 4000 ${folder}/status 2>/dev/null`;
}

/**
 * Lines of bash that go through processes of the node by what a container cannot pretend: it runs as root, root owns
 * its executable, and it is in the node's own network. Names of processes are whatever they call themselves, so the
 * executable's name and the arguments only tell Calico's processes from each other.
 *
 * A process is held by its folder, opened once: its number may be another one's by the time that it is used.
 * @param executables their base names
 * @param each what is done with each of them: `$p` is its folder, `$id` its number, `$args` its arguments. After a
 *   `break`, `$p` still is that process, also for programs that bash starts
 */
export function ownProcesses(executables: readonly string[], each: readonly string[]): readonly string[] {
  // The kernel says so of an executable that was replaced, such as by an upgrade, while the process goes on.
  const names = executables
    .flatMap((name) => [name, `${name} (deleted)`])
    .map((name) => `-lname "*/${name}"`)
    .join(' -o ');
  return [
    'p=/proc/self/fd/7',
    'while read -r folder',
    'do { exec 7<$folder; } 2>/dev/null || continue',
    'id=$(basename $folder)',
    '[[ $p/ns/net -ef /proc/self/ns/net ]] || continue',
    'user=none',
    `while read -r key _ effective _; do [[ $key != Uid: ]] || user=$effective; done < <(${statusOf('$p')})`,
    '[[ $user == 0 && $(stat -L -c %u $p/exe 2>/dev/null) == 0 ]] || continue',
    'args=$(head -c 300 $p/cmdline 2>/dev/null | tr -c "[:print:]" " ")',
    ...each,
    String.raw`done < <(find /proc -mindepth 2 -maxdepth 2 -name exe \( ${names} \) -printf "%h\n" 2>/dev/null)`,
  ];
}
