// What most tests include: prelude.h and GoogleTest.
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "prelude.h"
