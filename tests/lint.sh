# shellcheck shell=bash
# Runs clang-tidy. Read by ./dev, which sets `root` and has what is called here
# and not defined here.
#
# clang-tidy spends most of its time in the headers of libraries, for each
# source anew. So the sources of a folder are checked as one, a unit, that
# includes them all; those that cannot be seen together, because a private name
# is taken, go to a second unit. What was clean is checked again once a file
# that it reads has changed.
# shellcheck disable=SC2154

# Prints what clang-tidy checks of the files given: what the compiler sees, but
# for the tests. Those are held to their rules by its warnings and by tidy_test.
tidy_sources() {
  realpath "$@" | grep '\.cpp$' | grep -v "^$root/tests/" | grep -Fx -f <(
    sed -nE 's/^ *"file": "(.*)",?$/\1/p' \
      "$root/build/lint/compile_commands.json") || true
}

# Checks the sources given, a folder at a time.
tidy() {
  say "clang-tidy of $# files"
  (( $# > 0 )) || return 0
  printf '%s\n' "${@%/*}" | sort -u \
    | xargs -P "$(job_count)" -I{} "$root/dev" tidy-folder {} "$@"
}

# Prints how the compiler is called for source $1, as an entry of
# compile_commands.json, but with $2 in its place.
compile_entry() {
  printf '{\n'
  grep -B2 -F "\"file\": \"$1\"" "$root/build/lint/compile_commands.json" \
    | sed "s|$1|$2|g; \$s/,\$//"
  printf '}\n'
}

# Writes unit $1, a folder, of the sources that follow. clang-tidy's analyzer
# looks into what a source of this name includes.
write_unit() {
  local unit=$1
  shift
  mkdir -p "$unit"
  printf '#include "%s" // NOLINT\n' "$@" >"$unit/UnifiedSource.cpp"
  printf '[%s]\n' "$(compile_entry "$1" "$unit/UnifiedSource.cpp")" \
    >"$unit/compile_commands.json"
}

# Compiles unit $1 for its errors and for the files of the project it reads.
parse_unit() {
  local directory command status=0
  directory=$(sed -nE 's/^ *"directory": "(.*)",$/\1/p' \
    "$1/compile_commands.json")
  command=$(sed -nE 's/^ *"command": "(.*)",$/\1/p' \
    "$1/compile_commands.json" | sed -E 's/\\(["\\])/\1/g')
  : >"$1/made"
  (cd "$directory" && LC_ALL=C eval \
    "$command -w -fsyntax-only -MMD -MT read -MF '$1/made'") \
    2>"$1/errors" || status=1
  sed -E 's/^read://; s/\\$//' "$1/made" | tr -s ' ' '\n' | sed '/^$/d' \
    >"$1/read"
  return "$status"
}

# Prints those of the sources of unit $1 at which, or at headers of which, the
# compiler found an error, but for the first one, $2.
clashing() {
  local unit=$1
  shift 2
  (( $# > 0 )) || return 0
  sed -nE -e 's/^([^:]+):[0-9:]+ (fatal )?error: .*/\1/p' \
    -e 's/^(In file included| +) from ([^:]+):.*/\2/p' \
    "$unit/errors" | sort -u | grep -Fx -f <(printf '%s\n' "$@") || true
}

# Prints what unit $1 has against it; returns whether that is nothing. The
# analyzer follows calls of small functions only: with all of them it takes
# many times as long.
tidy_unit() {
  local option arguments=()
  for option in -Wno-unknown-warning-option \
    -Xclang -analyzer-config -Xclang mode=shallow; do
    arguments+=("--extra-arg=$option")
  done
  clang-tidy -p "$1" --quiet "${arguments[@]}" "$1/UnifiedSource.cpp" \
    2>/dev/null
}

# Checks those of the sources that are in folder $1 itself.
tidy_folder() {
  local folder=$1 name=${1#"$root"/} work unit left=() later=() units=0
  local status=0 output=
  shift
  mapfile -t left < <(printf '%s\n' "$@" | grep -x "$folder/[^/]*")
  work=$root/build/lint/${name//\//_}-$(sha1sum <<<"${left[*]}" | cut -c1-8)
  mkdir -p "$work"
  { clang-tidy --version
    for unit in "${left[@]}"; do compile_entry "$unit" "$unit"; done
  } >"$work/calls"
  if sha256sum --check --status "$work/clean" 2>/dev/null; then
    printf '  same  %s\n' "$name" >&2
    return 0
  fi
  rm -f "$work/clean"
  sha256sum "$root"/{.clang-tidy,tests/lint.sh} "$work/calls" >"$work/seen"
  while (( ${#left[@]} > 0 )); do
    unit=$work/$(( ++units )) later=()
    write_unit "$unit" "${left[@]}"
    if ! parse_unit "$unit"; then
      mapfile -t later < <(clashing "$unit" "${left[@]}")
      mapfile -t left < <(printf '%s\n' "${left[@]}" \
        | grep -Fxv -f <(printf '%s\n' "${later[@]}"))
      write_unit "$unit" "${left[@]}"
    fi
    xargs sha256sum <"$unit/read" >>"$work/seen"
    output+=$(tidy_unit "$unit")$'\n' || status=1
    left=("${later[@]}")
  done
  if (( status == 0 )); then
    mv "$work/seen" "$work/clean"
    printf '  ok    %s (%d s)\n' "$name" "$SECONDS" >&2
  else
    printf '  FAIL  %s (%d s)\n%s' "$name" "$SECONDS" "$output" >&2
  fi
  return "$status"
}
