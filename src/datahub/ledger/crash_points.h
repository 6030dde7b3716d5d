#pragma once

namespace datahub::ledger {

// Every CrashPoint of this folder. A test holds this list to the sources. At an `in_` point the transaction is open and
// holds SQLite's write lock: a worker that is stopped (not killed) there keeps its successor waiting until it is ended.
inline constexpr const char* kCrashPoints[] = {
    "ledger.file_created",            // a ledger grows beside its name
    "ledger.made",                    // it is whole and durable, and has another name
    "ledger.created",                 // it has its name, not durable
    "ledger.opened",                  //
    "ledger.before_incarnation",      //
    "ledger.in_incarnation",          //
    "ledger.after_incarnation",       //
    "ledger.before_intent",           //
    "ledger.in_intent",               //
    "ledger.after_intent",            //
    "ledger.before_commit",           //
    "ledger.in_commit",               //
    "ledger.after_commit",            //
    "ledger.before_abandon",          //
    "ledger.in_abandon",              //
    "ledger.after_abandon",           //
    "ledger.before_rename_source",    //
    "ledger.in_rename_source",        //
    "ledger.after_rename_source",     //
    "ledger.before_rename_table",     //
    "ledger.in_rename_table",         //
    "ledger.after_rename_table",      //
    "ledger.before_rename_pipeline",  //
    "ledger.in_rename_pipeline",      //
    "ledger.after_rename_pipeline",   //
    "ledger.before_columns",          //
    "ledger.in_columns",              //
    "ledger.after_columns",           //
    "ledger.before_contract",         //
    "ledger.in_contract",             //
    "ledger.after_contract",          //
    "ledger.before_forget_source",    //
    "ledger.in_forget_source",        //
    "ledger.after_forget_source",     //
    "ledger.before_found",            // lost moves are read again
    "ledger.in_found",                //
    "ledger.after_found",             //
    "ledger.before_forget",           //
    "ledger.in_forget",               //
    "ledger.after_forget",            //
};

}  // namespace datahub::ledger
