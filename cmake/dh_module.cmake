# How code is compiled here. Most of a source's cost is its headers, so what nearly all include is precompiled, and the
# sources of a folder are compiled a few at a time. The plain build does neither: it shows that every source includes what
# it uses.
set(DH_PLAIN OFF CACHE BOOL "every source compiled alone, nothing precompiled")
# A few: as many as cost one edited source no more than the headers that are no longer read for it.
set(DH_BATCH 3 CACHE STRING "sources compiled together")

# dh_compile(target [COLD | TEST])
#
# COLD: no bench sees this code, so it is compiled faster and without lines for a profile. TEST: with GoogleTest, and not optimised at all.
function(dh_compile target)
  cmake_parse_arguments(M "COLD;TEST" "" "" ${ARGN})
  target_compile_options(${target} PRIVATE ${DH_WARNINGS})
  target_link_libraries(${target} PRIVATE fmt::fmt)
  set(prelude dh_prelude)
  set(batch ${DH_BATCH})
  if(M_TEST)
    math(EXPR batch "2 * ${DH_BATCH}")  # they include more and are edited one by one
    target_compile_options(${target} PRIVATE -O0 -g0)
    set(prelude dh_prelude_test)
  elseif(M_COLD)
    target_compile_options(${target} PRIVATE ${DH_COLD})
    set(prelude dh_prelude_cold)
  endif()
  if(NOT DH_PLAIN)
    target_compile_options(${target} PRIVATE -fPIC)  # of programs too: what is precompiled is
    target_precompile_headers(${target} REUSE_FROM ${prelude})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
  endif()
endfunction()

# What is precompiled: one of each way to compile.
set(DH_COLD -O1 -g0)
if(DH_PLAIN)
  set(DH_COLD)
endif()
if(NOT DH_PLAIN)
  add_compile_options(-fpch-preprocess)  # ccache wants it
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/prelude.cc CONTENT "// a library needs a source\n")
  foreach(kind dh_prelude dh_prelude_cold dh_prelude_test)
    add_library(${kind} OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/prelude.cc)
    target_compile_options(${kind} PRIVATE ${DH_WARNINGS})
    target_link_libraries(${kind} PRIVATE fmt::fmt)
  endforeach()
  target_compile_options(dh_prelude_cold PRIVATE ${DH_COLD})
  target_compile_options(dh_prelude_test PRIVATE -O0 -g0)
  target_link_libraries(dh_prelude_test PRIVATE GTest::gtest)
  target_precompile_headers(dh_prelude PRIVATE ${PROJECT_SOURCE_DIR}/cmake/prelude.h)
  target_precompile_headers(dh_prelude_cold PRIVATE ${PROJECT_SOURCE_DIR}/cmake/prelude.h)
  target_precompile_headers(dh_prelude_test PRIVATE ${PROJECT_SOURCE_DIR}/cmake/prelude_test.h)
endif()

# dh_module(name SOURCES a.cc … COLD b.cc … DEPS other … LINK libs … TESTS a_test.cc … TEST_LINK libs …)
#
# One folder of src/datahub: a static library `dh_<name>`, one test program `<name>_test` registered with ctest, and a
# check that every header of the folder compiles alone. COLD: sources that no bench sees (dh_compile). DEPS names other
# folders; LINK is private to this folder, so third-party headers stay where design allows them.
function(dh_module name)
  cmake_parse_arguments(M "" "" "SOURCES;COLD;DEPS;LINK;TESTS;TEST_LINK" ${ARGN})
  string(REPLACE "/" "_" target "dh_${name}")
  set(here ${CMAKE_CURRENT_SOURCE_DIR})

  file(GLOB headers RELATIVE ${here} CONFIGURE_DEPENDS ${here}/*.h)
  set(alone)
  foreach(header ${headers})
    set(file ${CMAKE_CURRENT_BINARY_DIR}/alone/${header}.cc)
    file(RELATIVE_PATH included ${PROJECT_SOURCE_DIR}/src ${here}/${header})
    file(CONFIGURE OUTPUT ${file} CONTENT "#include \"${included}\"  // stands alone\n")
    list(APPEND alone ${file})
  endforeach()

  if(M_SOURCES)
    add_library(${target} STATIC ${M_SOURCES})
    dh_compile(${target})
    if(M_COLD)
      add_library(${target}_cold OBJECT ${M_COLD})
      target_include_directories(${target}_cold PRIVATE ${PROJECT_SOURCE_DIR}/src)
      target_link_libraries(${target}_cold PRIVATE ${M_LINK})
      dh_compile(${target}_cold COLD)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_cold>)
    endif()
  else()
    add_library(${target} STATIC ${M_COLD})
    dh_compile(${target} COLD)
  endif()
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  foreach(dep ${M_DEPS})
    target_link_libraries(${target} PUBLIC dh_${dep})
  endforeach()
  target_link_libraries(${target} PRIVATE ${M_LINK})

  if(alone)
    add_library(${target}_headers OBJECT EXCLUDE_FROM_ALL ${alone})
    target_include_directories(${target}_headers PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_compile_options(${target}_headers PRIVATE ${DH_WARNINGS} -O0 -g0)
    target_link_libraries(${target}_headers PRIVATE ${target} ${M_LINK})
    add_dependencies(headers ${target}_headers)
  endif()

  if(M_TESTS)
    string(REPLACE "/" "_" test "${name}_test")
    add_executable(${test} ${M_TESTS})
    dh_compile(${test} TEST)
    target_link_libraries(${test} PRIVATE ${target} ${M_LINK} ${M_TEST_LINK} GTest::gtest_main)
    target_compile_definitions(${test} PRIVATE DH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${test} COMMAND ${test})
    set_tests_properties(${test} PROPERTIES TIMEOUT 600)
  endif()
endfunction()
