# SPDX-License-Identifier: Apache-2.0
# Migrations inside the binary.
#
#   include(embed_sql)
#   micro_sayur_embed_migrations(user_service_sql FOLDER migrations/postgres VARIABLE user_service::postgres_migrations)
#
# turns migrations/postgres/001_create_accounts.sql, 002_... into a source file of the target that defines
#
#   extern const std::span<const sql::migration> postgres_migrations;   // declare it in a header, in that namespace
#
# in namespace micro_sayur::user_service, ascending by number. Files are added, never changed: their checksums are kept by each database.
# The target links platform_sql.
function(micro_sayur_embed_migrations target)
  cmake_parse_arguments(ARG "" "FOLDER;VARIABLE" "" ${ARGN})
  string(REGEX REPLACE "::[^:]*$" "" namespace "micro_sayur::${ARG_VARIABLE}")
  string(REGEX REPLACE "^.*::" "" variable "${ARG_VARIABLE}")

  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}/*.sql)
  if(NOT files)
    message(FATAL_ERROR "no migrations in ${ARG_FOLDER}")
  endif()
  list(SORT files COMPARE NATURAL)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})

  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    if(NOT stem MATCHES "^0*([1-9][0-9]*)_([a-z0-9_]+)$")
      message(FATAL_ERROR "${file}: a migration is named NNN_words.sql")
    endif()
    set(version ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    file(READ ${file} text)
    string(APPEND entries "    {${version}, \"${name}\", R\"~sql~(${text})~sql~\"},\n")
  endforeach()

  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_${variable}.cpp)
  file(WRITE ${source}.new
"// Made by embed_sql.cmake from ${ARG_FOLDER}.
#include \"platform/sql/migrations.hpp\"

namespace ${namespace} {

static constexpr sql::migration files[] = {
${entries}};

extern const std::span<const sql::migration> ${variable};
constinit const std::span<const sql::migration> ${variable}{files};

}  // namespace ${namespace}
")
  configure_file(${source}.new ${source} COPYONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
