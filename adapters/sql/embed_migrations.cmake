# cmake -DFILES=<a;b;...> -DFUNCTION=<name> -DOUTPUT=<file> -P this
# Writes a C++ file that holds the migrations as string literals.
set(entries "")
set(expected 1)
foreach(file IN LISTS FILES)
  get_filename_component(file_name "${file}" NAME)
  if(NOT file_name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.[a-z]+\\.sql$")
    message(FATAL_ERROR "${file_name}: not named 0001_what_it_does.dialect.sql")
  endif()
  set(name "${CMAKE_MATCH_2}")
  string(REGEX REPLACE "^0+" "" version "${CMAKE_MATCH_1}")
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${file_name}: the next version is ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ "${file}" statements)
  string(APPEND entries
         "  {${version}, \"${name}\", R\"sql(${statements})sql\"},\n")
endforeach()
file(
  WRITE "${OUTPUT}"
  "#include \"adapters/sql/migrations.hpp\"

#include <array>

namespace stravasync::sql {

namespace {

constexpr auto ${FUNCTION}_all = std::to_array<migration>({
${entries}});

} // namespace

std::span<const migration> ${FUNCTION}() {
  return ${FUNCTION}_all;
}

} // namespace stravasync::sql
")
