# SPDX-License-Identifier: Apache-2.0
# Text files inside the binary.
#
#   include(embed_files)
#   micro_sayur_embed_files(notification_service_templates FOLDER templates VARIABLE notification_service::template_files)
#
# turns every file below templates/ into a source file of the target that defines
#
#   extern const std::span<const embedded_file> template_files;   // declare it in a header, in that namespace
#
# in namespace micro_sayur::notification_service, ascending by name. The target links platform_base.
function(micro_sayur_embed_files target)
  cmake_parse_arguments(ARG "" "FOLDER;VARIABLE" "" ${ARGN})
  string(REGEX REPLACE "::[^:]*$" "" namespace "micro_sayur::${ARG_VARIABLE}")
  string(REGEX REPLACE "^.*::" "" variable "${ARG_VARIABLE}")

  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  if(NOT files)
    message(FATAL_ERROR "no files in ${ARG_FOLDER}")
  endif()
  list(SORT files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})

  set(entries "")
  foreach(file IN LISTS files)
    file(RELATIVE_PATH name ${folder} ${file})
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"~text~(${text})~text~\"},\n")
  endforeach()

  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_${variable}.cpp)
  file(WRITE ${source}.new
"// Made by embed_files.cmake from ${ARG_FOLDER}.
#include \"platform/base/embedded_file.hpp\"

#include <span>

namespace ${namespace} {

static constexpr embedded_file files[] = {
${entries}};

extern const std::span<const embedded_file> ${variable};
constinit const std::span<const embedded_file> ${variable}{files};

}  // namespace ${namespace}
")
  configure_file(${source}.new ${source} COPYONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
