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
  const names = executables.map((name) => `-lname "*/${name}"`).join(' -o ');
  return [
    'p=/proc/self/fd/7',
    'while read -r folder',
    'do { exec 7<$folder; } 2>/dev/null || continue',
    'id=$(basename $folder)',
    '[[ $p/ns/net -ef /proc/self/ns/net ]] || continue',
    'user=none',
    'while read -r key _ effective _; do [[ $key != Uid: ]] || user=$effective; done 2>/dev/null <$p/status',
    '[[ $user == 0 && $(stat -L -c %u $p/exe 2>/dev/null) == 0 ]] || continue',
    'args=$(head -c 300 $p/cmdline 2>/dev/null | tr -c "[:print:]" " ")',
    ...each,
    String.raw`done < <(find /proc -mindepth 2 -maxdepth 2 -name exe \( ${names} \) -printf "%h\n" 2>/dev/null)`,
  ];
}
