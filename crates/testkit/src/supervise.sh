# Runs one server for a process that talks through the pipe on standard input. When that process is gone, however it went,
# the pipe ends: the server is killed with its children, and its folder removed.
# Arguments: the folder, then the server's command. Each line is answered with one line.
folder=$1
shift
pid=
trap '' HUP INT TERM
while read -r word rest; do
  case $word in
    start) "$@" </dev/null >>"$folder/log" 2>&1 & pid=$!; echo "$pid" ;;
    wait) wait "$pid"; echo "$?"; pid= ;;
  esac
done
if [ -n "$pid" ]; then
  children=$(cat /proc/"$pid"/task/*/children 2>/dev/null)
  # shellcheck disable=SC2086
  kill -KILL "$pid" $children 2>/dev/null
  wait "$pid" 2>/dev/null
fi
tries=0
until rm -rf "$folder" 2>/dev/null || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
