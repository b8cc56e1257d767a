# stravasync::options carries what every target of the project is compiled with.
add_library(stravasync_options INTERFACE)
add_library(stravasync::options ALIAS stravasync_options)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

target_compile_features(stravasync_options INTERFACE cxx_std_20)
target_include_directories(
  stravasync_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
target_compile_options(
  stravasync_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            # Designated initializers leave fields out on purpose.
            -Wno-missing-field-initializers
            # g++ 12 reports these falsely inside std::variant and std::string.
            -Wno-maybe-uninitialized
            -Wno-restrict
            # Sources compiled together look like headers to it.
            -Wno-subobject-linkage
            $<$<BOOL:${STRAVASYNC_WERROR}>:-Werror>)

if(STRAVASYNC_SANITIZE)
  # -fno-sanitize=null: CAF 0.17.6 binds a reference to null in
  # detail/init_fun_factory.hpp whenever an actor takes no arguments.
  target_compile_options(
    stravasync_options
    INTERFACE -fsanitize=${STRAVASYNC_SANITIZE} -fno-sanitize=null
              -fno-sanitize-recover=all -fno-omit-frame-pointer
              # Asio uses fences, which the thread sanitizer does not know.
              $<$<STREQUAL:${STRAVASYNC_SANITIZE},thread>:-Wno-tsan>)
  target_link_options(
    stravasync_options INTERFACE -fsanitize=${STRAVASYNC_SANITIZE})
endif()
