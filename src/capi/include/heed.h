/* Heed from C: models that others trained translate, score, align; texts are evaluated. C11, and C++.
 *
 * Texts are UTF-8, a pointer with a length in bytes; those that Heed gives also end in a NUL, which is not counted.
 *
 * Errors. A function that can fail returns NULL, or an error that the caller frees with heed_error_free(). It has a
 * code (enum heed_code), what the caller is to do about it, and a line of text, what is wrong. After an error the
 * function has changed nothing: what `out` points to is as it was. No C++ exception leaves a function of this header,
 * and none may leave a callback, which must not longjmp() either.
 *
 * NULL. Functions that read a handle take NULL for one that has nothing: they give 0, HEED_UNKNOWN, an empty text or
 * NULL. heed_cancel(), the free functions and the init functions do nothing for it. Where a function gives sizes
 * besides, their pointers may be NULL. Functions that return a heed_error* refuse a model and an `out` that are NULL.
 *
 * Ownership. What a function gives through `out` is the caller's, who frees it with the function of its type, which
 * does nothing for NULL. Texts and arrays that a handle gives live as long as it. Every input is copied, or not used
 * any more when the function returns. A handle that was freed must not be used: in builds with assertions that aborts
 * with a message, in others the behaviour is undefined.
 *
 * Threads. Any number of threads may call with the same heed_model at once, and read the same result, evaluation or
 * error. heed_cancel() may be called while others use the cancellation. Nothing else is called for a handle while it
 * is being freed.
 *
 * Options. A struct that begins with `size` may have more members in later versions: let its init function set them to
 * their defaults, then change some. NULL in their place means the defaults. All other structs stay as they are.
 */
#ifndef HEED_H
#define HEED_H

#include <stddef.h>
#include <stdint.h>

#define HEED_C_API __attribute__((visibility("default")))
/* Of this header; heed_abi_version() says that of the library, which must be the same. */
#define HEED_ABI_VERSION 1
/* The most bytes of a text and elements of an array; a call with more is an error of usage. */
#define HEED_MAX_COUNT ((size_t)2147483647)
/* A byte position that is not known. */
#define HEED_UNKNOWN ((size_t)-1)

#ifdef __cplusplus
extern "C" {
#endif

/* The release, "0.2.0". */
HEED_C_API const char* heed_version(void);
HEED_C_API int32_t heed_abi_version(void);

typedef struct heed_text {
  const char* data; /* may be NULL if length is 0; one that Heed gives never is */
  size_t length;    /* bytes */
} heed_text;

/* ---- errors ---- */

enum heed_code {
  HEED_OK = 0,              /* of no error */
  HEED_ERROR_USAGE = 1,     /* an option or an argument is wrong: call otherwise */
  HEED_ERROR_DATA = 2,      /* a text is wrong: mend it; the next may be right */
  HEED_ERROR_MODEL = 3,     /* a bundle is missing, damaged, or of a newer Heed: take another */
  HEED_ERROR_NUMERIC = 4,   /* numbers are not finite: the model's training came apart */
  HEED_ERROR_SYSTEM = 5,    /* the system does not give a file, memory or threads: try again when it does */
  HEED_ERROR_CANCELLED = 6, /* heed_cancel() was called */
  HEED_ERROR_INTERNAL = 7   /* a fault of Heed: report it */
};

typedef struct heed_error heed_error;
HEED_C_API int32_t heed_error_code(const heed_error* error); /* one of heed_code */
/* "sentence 2: invalid UTF-8 at byte 3 ..."; of pairs with a line, from 1: "target:3: invalid UTF-8 ...". */
HEED_C_API heed_text heed_error_message(const heed_error* error);
/* Which sentence or pair of the call is wrong, from 0; HEED_UNKNOWN if the error is not of one. */
HEED_C_API size_t heed_error_index(const heed_error* error);
HEED_C_API void heed_error_free(heed_error* error);

/* ---- models ---- */

/* A bundle that is loaded (docs/bundle.md). */
typedef struct heed_model heed_model;

typedef struct heed_model_options {
  size_t size;
  const char* precision; /* "float32", "bfloat16", "int8"; NULL, the default: as the bundle is stored */
} heed_model_options;
HEED_C_API void heed_model_options_init(heed_model_options* options, size_t size);

/* A file of a bundle that lies in memory. */
typedef struct heed_file {
  heed_text name; /* as in the bundle's directory: "config.yaml" */
  const void* data;
  size_t length; /* bytes, at most PTRDIFF_MAX */
} heed_file;

/* Loads the bundle in a directory, whose files are memory-mapped: replace it by renaming, never by overwriting. */
HEED_C_API heed_error* heed_model_open(heed_text path, const heed_model_options* options, heed_model** out);
/* The same of a bundle whose files lie in memory: config.yaml, parameters.safetensors, the vocabularies, and, if they
 * are to be checked, checksums. Nothing is written; the bytes are copied. Other files are ignored. */
HEED_C_API heed_error* heed_model_open_memory(const heed_file* files, size_t count, const heed_model_options* options,
                                              heed_model** out);
HEED_C_API void heed_model_free(heed_model* model);
/* 1 if answers have attention, else 0. */
HEED_C_API int32_t heed_model_attends(const heed_model* model);
/* Layers of the attention; 0 if the model does not attend. */
HEED_C_API int32_t heed_model_layers(const heed_model* model);
/* Heads of one of them, from 1; of layer 0 the most that one has. 0 if there is no such layer. */
HEED_C_API int32_t heed_model_heads(const heed_model* model, int32_t layer);

/* ---- translating ---- */

/* Stops calls from another thread. One may serve several calls, which all end; it stays cancelled. */
typedef struct heed_cancellation heed_cancellation;
HEED_C_API heed_error* heed_cancellation_create(heed_cancellation** out);
HEED_C_API void heed_cancel(heed_cancellation* cancellation);
HEED_C_API void heed_cancellation_free(heed_cancellation* cancellation);

/* How far the answer to a sentence has got: its best beginning so far, which a beam may still replace by another. */
typedef struct heed_step {
  size_t sentence;         /* its place in the call */
  heed_text text;          /* of the tokens */
  const heed_text* tokens; /* [token_count]; as all of this, valid during the callback */
  size_t token_count;
} heed_step;
/* Called after each token of each sentence that goes on, never twice at a time in one call of heed_translate(), in a
 * thread that computes: with threads = 1 the caller's. If it does not return 0, the sentence gets what has been found,
 * cut. */
typedef int32_t (*heed_on_step)(const heed_step* step, void* user);

/* Numbers that are negative or not finite are errors of usage, but for a max_output_ratio of -1. */
typedef struct heed_translate_options {
  size_t size;
  int32_t beam;              /* hypotheses that are kept; default 5, 1: greedy search */
  int32_t nbest;             /* answers for each sentence, at most `beam` of a search; 1 */
  int32_t batch;             /* sentences that are decoded together; 32 */
  int32_t threads;           /* that compute, at most; a call starts no more than it has batches; 1 */
  int32_t attention;         /* not 0: answers have it, of models that attend; 0 */
  int32_t token_scores;      /* not 0: tokens have their log-probability; 0 */
  int32_t replace_unknown;   /* not 0: the source token that was attended to most takes the place of <unk>; 0 */
  int32_t forbid_unknown;    /* not 0: <unk> is never taken; 0 */
  int32_t no_repeat_ngram;   /* > 0: no sequence of so many tokens occurs twice in an answer; 0 */
  int32_t max_source_tokens; /* longer sentences are cut; 1000, 0: no limit */
  int32_t max_output_extra;  /* with max_output_ratio; 0 */
  int32_t top_k;             /* of drawing: only the k most probable tokens; 0: all */
  double max_output_ratio;   /* >= 0: an answer has at most ratio * source tokens + extra tokens; -1: as trained */
  double length_penalty;     /* A: scores are log p / tokens^A; 1 */
  double repetition_penalty; /* > 1: factor of the log-probability of a token that the answer has already; 1 */
  double temperature;        /* > 0: answers are drawn from p^(1/temperature), not searched for; 0 */
  double top_p;              /* of drawing: only the fewest tokens that have so much probability together; 1: all */
  double min_p;              /* of drawing: only tokens with this share of the best one's probability; 0: all */
  uint64_t seed;             /* of drawing; 1 */
  heed_on_step on_step;      /* NULL */
  void* user;                /* for on_step; NULL */
  const heed_cancellation* cancellation; /* NULL */
} heed_translate_options;
HEED_C_API void heed_translate_options_init(heed_translate_options* options, size_t size);

/* Sentences with what was found for them. */
typedef struct heed_result heed_result;

/* Translates sentences[count]; sentence i of the result belongs to sentence i, and does not depend on the others or on
 * threads. A blank sentence has one empty answer. */
HEED_C_API heed_error* heed_translate(const heed_model* model, const heed_text* sentences, size_t count,
                                      const heed_translate_options* options, heed_result** out);

/* ---- scoring and aligning pairs ---- */

typedef struct heed_pair {
  heed_text source;
  heed_text target;
} heed_pair;

/* Numbers that are negative or not finite are errors of usage. */
typedef struct heed_pair_options {
  size_t size;
  int32_t batch;      /* pairs that are computed together; 32 */
  int32_t threads;    /* that compute; 1 */
  int32_t attention;  /* not 0: pairs have it, of models that attend; 0 */
  int32_t max_length; /* a side of more tokens is an error; 1000, 0: no limit */
  int32_t layer;      /* of heed_align(): of the attention, from 1; 0: the mean of all */
  int32_t head;       /* the same of its heads; 0 */
  double shift;       /* of heed_align(): steps by which weights come later than the tokens they stand for; 0 */
  double threshold;   /* of heed_align(): the least weight of a link; 0 */
  const heed_cancellation* cancellation; /* NULL */
} heed_pair_options;
HEED_C_API void heed_pair_options_init(heed_pair_options* options, size_t size);

/* The log-probability of the target given the source, for pairs[count] and each of their tokens. The result has one
 * answer for each pair, its target. */
HEED_C_API heed_error* heed_score(const heed_model* model, const heed_pair* pairs, size_t count,
                                  const heed_pair_options* options, heed_result** out);
/* The same, with links between words by attention (heed_result_links()). The model must attend. */
HEED_C_API heed_error* heed_align(const heed_model* model, const heed_pair* pairs, size_t count,
                                  const heed_pair_options* options, heed_result** out);

/* ---- results ----
 * Sentences, answers and tokens are counted from 0. Where there is none of that number, the functions give an empty
 * text, 0 or NULL. */

typedef struct heed_token {
  heed_text text;
  size_t begin; /* its bytes [begin, end) in the text of its side; HEED_UNKNOWN, as `end`, if that is not known, or the
                   token has none, as the end of sentence */
  size_t end;
  double log_probability; /* natural logarithm; NaN for source tokens, and if it was not asked for */
} heed_token;

/* Source word `source` is linked to target word `target`; words stand between blanks, counted from 0. */
typedef struct heed_link {
  int32_t source;
  int32_t target;
} heed_link;

HEED_C_API void heed_result_free(heed_result* result);
HEED_C_API size_t heed_result_count(const heed_result* result);                               /* sentences */
HEED_C_API size_t heed_result_source_token_count(const heed_result* result, size_t sentence); /* with its end */
HEED_C_API heed_token heed_result_source_token(const heed_result* result, size_t sentence, size_t token);
/* Source tokens at the end that were not read (max_source_tokens). */
HEED_C_API size_t heed_result_tokens_cut(const heed_result* result, size_t sentence);
/* Why there is no answer but an empty one; empty if there is one. */
HEED_C_API heed_text heed_result_fault(const heed_result* result, size_t sentence);
/* Links of heed_align(), in the order of the target words: [*count], or NULL. */
HEED_C_API const heed_link* heed_result_links(const heed_result* result, size_t sentence, size_t* count);

HEED_C_API size_t heed_result_answer_count(const heed_result* result, size_t sentence); /* best first */
HEED_C_API heed_text heed_result_text(const heed_result* result, size_t sentence, size_t answer);
/* Of a translation what answers are ranked by, length-normalised. */
HEED_C_API double heed_result_score(const heed_result* result, size_t sentence, size_t answer);
/* Natural logarithm, end of sentence included. */
HEED_C_API double heed_result_log_probability(const heed_result* result, size_t sentence, size_t answer);
/* 1 if the length limit or the callback ended the answer, else 0. */
HEED_C_API int32_t heed_result_is_cut(const heed_result* result, size_t sentence, size_t answer);
HEED_C_API size_t heed_result_token_count(const heed_result* result, size_t sentence, size_t answer);
HEED_C_API heed_token heed_result_token(const heed_result* result, size_t sentence, size_t answer, size_t token);
/* The attention [target][source] as a matrix, row after row: weights[t * *source + s] is how much of target token t's
 * attention source token s has; a row sums to 1, with monotonic mechanisms to at most 1. Its sizes are the numbers of
 * tokens. NULL, with sizes 0, if it was not asked for, or the model does not attend. */
HEED_C_API const float* heed_result_attention(const heed_result* result, size_t sentence, size_t answer, size_t* target,
                                              size_t* source);

/* ---- metrics ---- */

typedef struct heed_evaluate_options {
  size_t size;
  int32_t lowercase;    /* not 0: case is ignored; 0 */
  const char* tokenize; /* of BLEU: "13a", "none", "char", "intl", "zh"; NULL, the default: 13a */
} heed_evaluate_options;
HEED_C_API void heed_evaluate_options_init(heed_evaluate_options* options, size_t size);

typedef struct heed_evaluation heed_evaluation;
/* A metric by its name ("bleu", "chrf", "ter", "wer", ...: docs/metrics.md) of hypotheses[count]. Reference r of
 * sentence i is references[r * count + i]. */
HEED_C_API heed_error* heed_evaluate(heed_text metric, const heed_text* hypotheses, const heed_text* references,
                                     size_t count, size_t references_each, const heed_evaluate_options* options,
                                     heed_evaluation** out);
HEED_C_API void heed_evaluation_free(heed_evaluation* evaluation);
HEED_C_API double heed_evaluation_value(const heed_evaluation* evaluation); /* percent, but of edit-distance */
/* How it was computed: "nrefs:1|case:mixed|...". */
HEED_C_API heed_text heed_evaluation_signature(const heed_evaluation* evaluation);
/* Figures behind the value: their number, and each with its name. */
HEED_C_API size_t heed_evaluation_detail_count(const heed_evaluation* evaluation);
HEED_C_API heed_text heed_evaluation_detail_name(const heed_evaluation* evaluation, size_t detail);
HEED_C_API double heed_evaluation_detail_value(const heed_evaluation* evaluation, size_t detail);

#ifdef __cplusplus
}
#endif
#endif
