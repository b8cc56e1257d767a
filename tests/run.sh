# shellcheck shell=bash
# Runs the test executables and adds up what they report. Read by ./dev, which
# sets `root` and has what is called here and not defined here.
# shellcheck disable=SC2154

# How long one executable may take.
test_timeout_s=${DEV_TEST_TIMEOUT:-1800}

# Prints the names of the tests with (-L) or without (-LE) a label.
test_names() {
  ctest --test-dir "$root/build/dev" -N "$@" \
    | sed -nE 's/^ +Test +#[0-9]+: (.*)$/\1/p'
}

# Runs one in the background; its process id goes to `running`.
start_test() {
  local name=$1
  shift
  printf '%s' "${EPOCHREALTIME/,/.}" >"$logs/$name.begin"
  rm -f "$logs/$name.xml"
  timeout --kill-after=10 "$test_timeout_s" \
    "$root/build/dev/tests/bin/$name" --colour-mode none --reporter console \
    --reporter "xml::out=$logs/$name.xml" "$@" \
    >"$logs/$name.log" 2>&1 </dev/null &
  running[$!]=$name
}

# Prints the value of an attribute of the last line that counts cases.
cases() {
  sed -nE "s/.*<OverallResultsCases .*$2=\"([0-9]+)\".*/\1/p" "$1" | tail -n 1
}

# Prints "name: reason" of each skipped case.
skips() {
  awk -v program="$2" '
    /<TestCase / { name = $0; sub(/.*<TestCase name="/, "", name)
                   sub(/".*/, "", name) }
    /<Skip / { getline reason; sub(/^[ \t]+/, "", reason)
               print program ": " name ": " reason }' "$1" \
    | sed -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

# Takes down how test $1 ended, with exit code $2.
finish_test() {
  local name=$1 code=$2 xml=$logs/$1.xml took good=0 bad=0 skip=0 why=
  took=$(awk -v a="$(<"$logs/$name.begin")" -v b="${EPOCHREALTIME/,/.}" \
    'BEGIN { printf "%.1f", b - a }')
  if [[ -f $xml ]] && grep -q '<OverallResultsCases ' "$xml"; then
    good=$(cases "$xml" successes)
    # Cases that are expected to fail and do are fine.
    good=$(( good + $(cases "$xml" expectedFailures) ))
    bad=$(cases "$xml" failures)
    skip=$(cases "$xml" skips)
  elif [[ -f $xml ]]; then
    good=$(grep -c '<OverallResult success="true"' "$xml" || true)
  fi
  # 2: no case matched, which is fine when cases were asked for by name;
  # 4: all were skipped.
  (( !chosen || code != 2 || good + bad + skip > 0 )) || return 0
  if (( code == 124 || code == 137 )); then
    why="ended after $test_timeout_s s"
  elif (( code != 0 && bad == 0 )) \
    && ! (( code == 4 && skip > 0 )); then
    why="ended with exit code $code"
  fi
  [[ -z $why || $bad -gt 0 ]] || bad=1
  passed=$(( passed + good )) failed=$(( failed + bad ))
  skipped=$(( skipped + skip ))
  if (( bad > 0 )); then
    printf '  FAIL  %-36s %4d passed %4d failed %7s s  %s\n' \
      "$name" "$good" "$bad" "$took" "$why"
    failures+=("$name")
    sed 's/^/        /' "$logs/$name.log"
  else
    printf '  ok    %-36s %4d passed %16s s\n' "$name" "$good" "$took"
  fi
  [[ ! -f $xml ]] || mapfile -t -O "${#skip_lines[@]}" skip_lines \
    < <(skips "$xml" "$name")
}

wait_for_one() {
  local pid code=0
  wait -n -p pid "${!running[@]}" || code=$?
  finish_test "${running[$pid]}" "$code"
  unset "running[$pid]"
}

stop_tests() {
  (( ${#running[@]} == 0 )) || kill "${!running[@]}" 2>/dev/null || true
  exit 130
}

# Runs tests $3... with at most $1 at once; $2 names the array of arguments.
run_group() {
  local at_once=$1 name
  local -n with=$2
  shift 2
  for name; do
    (( ${#running[@]} < at_once )) || wait_for_one
    start_test "$name" "${with[@]}"
  done
  while (( ${#running[@]} > 0 )); do wait_for_one; done
}

run_tests() {
  local pattern=${1-} logs=$root/build/dev/test-logs targets=() variable
  local passed=0 failed=0 skipped=0 chosen=0 failures=() skip_lines=()
  local together=() alone=()
  local -A running=()
  (( $# == 0 )) || shift
  # shellcheck disable=SC2034
  local arguments=("$@")
  (( $# == 0 )) || chosen=1
  install_packages test
  configure dev
  # What a person has set for the product is not meant for its tests.
  for variable in "${!STRAVASYNC_@}"; do unset "$variable"; done
  mapfile -t together < <(test_names -LE alone | grep -F -- "$pattern" || true)
  mapfile -t alone < <(test_names -L alone | grep -F -- "$pattern" || true)
  (( ${#together[@]} + ${#alone[@]} > 0 )) \
    || die "no test executable is named like '$pattern'"
  # With a pattern only what is asked for; what runs the product needs all.
  [[ -z $pattern ]] || (( ${#alone[@]} > 0 )) || targets=("${together[@]}")
  build dev "${targets[@]}"
  mkdir -p "$logs"
  trap stop_tests INT TERM
  say "running $(( ${#together[@]} + ${#alone[@]} )) test executables"
  run_group 2 arguments "${together[@]}"
  run_group 1 arguments "${alone[@]}"
  trap - INT TERM
  (( ${#skip_lines[@]} == 0 )) || printf '  skipped: %s\n' "${skip_lines[@]}"
  (( ${#failures[@]} == 0 )) \
    || printf '  failed: %s (log in build/dev/test-logs)\n' "${failures[@]}"
  (( passed + failed + skipped > 0 )) || die "no test case matches"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  (( failed == 0 ))
}
