# Third-party code: Debian packages, and what ./dev put under .deps with checked sums.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)

add_library(simdjson STATIC EXCLUDE_FROM_ALL ${DH_DEPENDENCIES}/simdjson/simdjson.cpp)
target_include_directories(simdjson SYSTEM PUBLIC ${DH_DEPENDENCIES}/simdjson)
target_compile_options(simdjson PRIVATE -O3)

# Of one program, so its symbols need no name of their own; compiled as C.
add_library(nanoarrow STATIC EXCLUDE_FROM_ALL ${DH_DEPENDENCIES}/nanoarrow/nanoarrow.c
  ${DH_DEPENDENCIES}/nanoarrow/nanoarrow_ipc.c ${DH_DEPENDENCIES}/nanoarrow/flatcc.c)
target_include_directories(nanoarrow SYSTEM PUBLIC ${DH_DEPENDENCIES}/nanoarrow)

add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${DH_DEPENDENCIES}/duckdb/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${DH_DEPENDENCIES}/duckdb)
