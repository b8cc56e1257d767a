# libpqxx with the libpq under it. Debian's packages have no CMake config for
# both. Defines the target stravasync::pqxx.
find_path(PQXX_INCLUDE_DIR pqxx/pqxx)
find_library(PQXX_LIBRARY pqxx)
find_path(PQ_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)
find_library(PQ_LIBRARY pq)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Pqxx REQUIRED_VARS PQXX_LIBRARY PQXX_INCLUDE_DIR PQ_LIBRARY PQ_INCLUDE_DIR)

if(Pqxx_FOUND AND NOT TARGET stravasync::pqxx)
  add_library(stravasync::pqxx UNKNOWN IMPORTED)
  set_target_properties(
    stravasync::pqxx
    PROPERTIES IMPORTED_LOCATION "${PQXX_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES
               "${PQXX_INCLUDE_DIR};${PQ_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES "${PQ_LIBRARY}")
endif()
