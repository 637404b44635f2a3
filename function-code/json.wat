;; JSON read in place, and written as a string: what the worker does with every byte that it moves. Assembled by `npm run assemble` into
;; json-wasm.ts; json.ts is its only caller. WebAssembly, because sixteen bytes are looked at in one step, which JavaScript cannot:
;; that takes a fifth of the time.
;;
;; Memory: names of members from 0, signs that close open containers from 4096, tables of writing strings from 8192, the text from 16384.
;; Every load of the text has that address as its `offset`, so that `$at` is a plain offset into the text. Sixteen zeros stand behind the
;; text: no value goes on with one, so that nothing has to be compared with its length.
(module
  ;; Both throw: what stands at this offset is no JSON, or is nested too deeply.
  (import "errors" "unexpected" (func $unexpected (param $at i32)))
  (import "errors" "tooDeep" (func $tooDeep (param $at i32)))
  (memory (export "memory") 4)

  ;; The place in the given names of the member that `firstMember` or `nextMember` found, or -1.
  (global $found (mut i32) (i32.const -1))
  (func (export "found") (result i32) (global.get $found))

  ;; The zeros behind a text.
  (func (export "endText") (param $length i32)
    (v128.store offset=16384 (local.get $length) (v128.const i64x2 0 0)))

  (func $byte (param $at i32) (result i32)
    (i32.load8_u offset=16384 (local.get $at)))

  ;; Throws unless this sign stands there; the offset behind it and the white space that follows.
  (func $sign (export "skipSign") (param $at i32) (param $sign i32) (result i32)
    (if (i32.ne (call $byte (local.get $at)) (local.get $sign)) (then (call $unexpected (local.get $at))))
    (call $space (i32.add (local.get $at) (i32.const 1))))

  (func $space (export "skipSpace") (param $at i32) (result i32)
    (local $byte i32)
    (loop $next (result i32)
      (local.set $byte (call $byte (local.get $at)))
      (if (i32.gt_u (local.get $byte) (i32.const 32)) (then (return (local.get $at))))
      ;; Tab, line feed, carriage return, space, as bits.
      (if (i64.eqz (i64.and (i64.shl (i64.const 1) (i64.extend_i32_u (local.get $byte))) (i64.const 0x100002600)))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))

  ;; From the opening quote on.
  (func $string (export "skipString") (param $at i32) (result i32)
    (local $bytes v128) (local $special i32) (local $byte i32)
    (if (i32.ne (call $byte (local.get $at)) (i32.const 34)) (then (call $unexpected (local.get $at))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $next (result i32)
      ;; A bit for each of sixteen bytes: a quote, a backslash, or below the space, which no string has.
      (local.set $bytes (v128.load offset=16384 (local.get $at)))
      (local.set $special
        (i8x16.bitmask
          (v128.or
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
            (v128.or
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92)))
              (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32)))))))
      (if (i32.eqz (local.get $special))
        (then (local.set $at (i32.add (local.get $at) (i32.const 16))) (br $next)))
      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $special))))
      (local.set $byte (call $byte (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 34)) (then (return (i32.add (local.get $at) (i32.const 1)))))
      (if (i32.ne (local.get $byte) (i32.const 92)) (then (call $unexpected (local.get $at))))
      (local.set $at (call $escape (i32.add (local.get $at) (i32.const 1))))
      (br $next)))

  ;; From behind the backslash on.
  (func $escape (param $at i32) (result i32)
    (local $byte i32)
    (local.set $byte (call $byte (local.get $at)))
    ;; u, and four hexadecimal digits.
    (if (i32.eq (local.get $byte) (i32.const 117))
      (then
        (call $hexadecimal (i32.add (local.get $at) (i32.const 1)))
        (call $hexadecimal (i32.add (local.get $at) (i32.const 2)))
        (call $hexadecimal (i32.add (local.get $at) (i32.const 3)))
        (call $hexadecimal (i32.add (local.get $at) (i32.const 4)))
        (return (i32.add (local.get $at) (i32.const 5)))))
    ;; One of " \ / b f n r t.
    (if (i32.eqz
          (i8x16.bitmask
            (i8x16.eq
              (i8x16.splat (local.get $byte))
              (v128.const i8x16 34 92 47 98 102 110 114 116 34 34 34 34 34 34 34 34))))
      (then (call $unexpected (local.get $at))))
    (i32.add (local.get $at) (i32.const 1)))

  (func $hexadecimal (param $at i32)
    (if (i32.eqz
          (i32.or
            (call $isDigit (call $byte (local.get $at)))
            ;; a to f, A to F.
            (i32.lt_u (i32.sub (i32.or (call $byte (local.get $at)) (i32.const 32)) (i32.const 97)) (i32.const 6))))
      (then (call $unexpected (local.get $at)))))

  (func $isDigit (param $byte i32) (result i32)
    (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10)))

  ;; At least one.
  (func $digits (param $at i32) (result i32)
    (if (i32.eqz (call $isDigit (call $byte (local.get $at)))) (then (call $unexpected (local.get $at))))
    (loop $next
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (call $isDigit (call $byte (local.get $at)))))
    (local.get $at))

  ;; A number, true, false or null.
  (func $scalar (param $at i32) (result i32)
    (local $four i32) (local $byte i32)
    ;; null, true, false as the bytes of a number, the first of them lowest.
    (local.set $four (i32.load offset=16384 (local.get $at)))
    (if (i32.eq (local.get $four) (i32.const 0x6c6c756e)) (then (return (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.eq (local.get $four) (i32.const 0x65757274)) (then (return (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.and
          (i32.eq (local.get $four) (i32.const 0x736c6166))
          (i32.eq (i32.load8_u offset=16388 (local.get $at)) (i32.const 101)))
      (then (return (i32.add (local.get $at) (i32.const 5)))))
    ;; A minus; a zero or digits; a dot and digits; e, a sign and digits.
    (if (i32.eq (call $byte (local.get $at)) (i32.const 45)) (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (if (i32.eq (call $byte (local.get $at)) (i32.const 48))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1))))
      (else (local.set $at (call $digits (local.get $at)))))
    (if (i32.eq (call $byte (local.get $at)) (i32.const 46))
      (then (local.set $at (call $digits (i32.add (local.get $at) (i32.const 1))))))
    (if (i32.eq (i32.or (call $byte (local.get $at)) (i32.const 32)) (i32.const 101))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $byte (call $byte (local.get $at)))
        (if (i32.or (i32.eq (local.get $byte) (i32.const 43)) (i32.eq (local.get $byte) (i32.const 45)))
          (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (local.set $at (call $digits (local.get $at)))))
    (local.get $at))

  ;; A member's name, its colon and the white space behind.
  (func $key (param $at i32) (result i32)
    (call $sign (call $space (call $string (local.get $at))) (i32.const 58)))

  ;; Any value: one loop, the signs that close what is open on a stack.
  (func $value (export "skipValue") (param $at i32) (result i32)
    (local $byte i32) (local $closing i32) (local $stack i32)
    (local.set $stack (i32.const 4096))
    (loop $next (result i32)
      (local.set $byte (call $byte (local.get $at)))
      (block $behind
        (if (i32.eq (local.get $byte) (i32.const 34))
          (then (local.set $at (call $string (local.get $at))) (br $behind)))
        ;; { and [ differ in one bit.
        (if (i32.ne (i32.or (local.get $byte) (i32.const 32)) (i32.const 123))
          (then (local.set $at (call $scalar (local.get $at))) (br $behind)))
        (if (i32.eq (local.get $stack) (i32.const 5096)) (then (call $tooDeep (local.get $at))))
        (i32.store8 (local.get $stack) (local.get $closing))
        (local.set $stack (i32.add (local.get $stack) (i32.const 1)))
        ;; } and ] stand two behind { and [.
        (local.set $closing (i32.add (local.get $byte) (i32.const 2)))
        (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
        (br_if $behind (i32.eq (call $byte (local.get $at)) (local.get $closing)))
        (if (i32.eq (local.get $closing) (i32.const 125)) (then (local.set $at (call $key (local.get $at)))))
        (br $next))
      ;; Behind a value, or at the sign that closes an empty container.
      (loop $close
        (if (i32.eqz (local.get $closing)) (then (return (local.get $at))))
        (local.set $at (call $space (local.get $at)))
        (if (i32.eq (call $byte (local.get $at)) (local.get $closing))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $stack (i32.sub (local.get $stack) (i32.const 1)))
            (local.set $closing (i32.load8_u (local.get $stack)))
            (br $close))))
      (local.set $at (call $sign (local.get $at) (i32.const 44)))
      (if (i32.eq (local.get $closing) (i32.const 125)) (then (local.set $at (call $key (local.get $at)))))
      (br $next)))

  ;; From an object's opening brace to the value of the first member whose name is among the given ones; if there is none (`$found` is
  ;; -1), to behind the object. Names are a list of lengths and bytes, each with its quotes, and a length of 0 at its end.
  (func (export "firstMember") (param $at i32) (param $names i32) (result i32)
    (local.set $at (call $sign (local.get $at) (i32.const 123)))
    (global.set $found (i32.const -1))
    (if (i32.eq (call $byte (local.get $at)) (i32.const 125)) (then (return (i32.add (local.get $at) (i32.const 1)))))
    (call $member (local.get $at) (local.get $names)))

  ;; The same, from behind a member's value on.
  (func (export "nextMember") (param $at i32) (param $names i32) (result i32)
    (local.set $at (call $space (local.get $at)))
    (global.set $found (i32.const -1))
    (if (i32.eq (call $byte (local.get $at)) (i32.const 125)) (then (return (i32.add (local.get $at) (i32.const 1)))))
    (call $member (call $sign (local.get $at) (i32.const 44)) (local.get $names)))

  (func $member (param $at i32) (param $names i32) (result i32)
    (local $behind i32)
    (loop $next (result i32)
      (local.set $behind (call $string (local.get $at)))
      (global.set $found (call $find (local.get $at) (i32.sub (local.get $behind) (local.get $at)) (local.get $names)))
      (local.set $at (call $sign (call $space (local.get $behind)) (i32.const 58)))
      (if (i32.ge_s (global.get $found) (i32.const 0)) (then (return (local.get $at))))
      (local.set $at (call $space (call $value (local.get $at))))
      (if (i32.eq (call $byte (local.get $at)) (i32.const 125)) (then (return (i32.add (local.get $at) (i32.const 1)))))
      (local.set $at (call $sign (local.get $at) (i32.const 44)))
      (br $next)))

  ;; The place of a name of this length among the given ones, or -1.
  (func $find (param $at i32) (param $length i32) (param $names i32) (result i32)
    (local $place i32) (local $known i32) (local $i i32)
    (loop $next (result i32)
      (local.set $known (i32.load8_u (local.get $names)))
      (if (i32.eqz (local.get $known)) (then (return (i32.const -1))))
      (block $differs
        (br_if $differs (i32.ne (local.get $known) (local.get $length)))
        (local.set $i (i32.const 0))
        (loop $same
          (br_if $differs
            (i32.ne
              (call $byte (i32.add (local.get $at) (local.get $i)))
              (i32.load8_u offset=1 (i32.add (local.get $names) (local.get $i)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $same (i32.lt_u (local.get $i) (local.get $length))))
        (return (local.get $place)))
      (local.set $names (i32.add (i32.add (local.get $names) (local.get $known)) (i32.const 1)))
      (local.set $place (i32.add (local.get $place) (i32.const 1)))
      (br $next)))

  ;; The next offset at which a name stands, whatever it is there, or -1. Only its first four bytes are looked for sixteen at a time.
  (func (export "nextName") (param $at i32) (param $length i32) (param $name i32) (result i32)
    (local $places i32)
    (loop $next
      (local.set $places
        (i8x16.bitmask
          (v128.and
            (v128.and
              (i8x16.eq (v128.load offset=16384 (local.get $at)) (v128.load8_splat offset=1 (local.get $name)))
              (i8x16.eq (v128.load offset=16385 (local.get $at)) (v128.load8_splat offset=2 (local.get $name))))
            (v128.and
              (i8x16.eq (v128.load offset=16386 (local.get $at)) (v128.load8_splat offset=3 (local.get $name)))
              (i8x16.eq (v128.load offset=16387 (local.get $at)) (v128.load8_splat offset=4 (local.get $name)))))))
      (if (local.get $places)
        (then
          (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $places))))
          (if (i32.eqz (call $find (local.get $at) (i32.load8_u (local.get $name)) (local.get $name)))
            (then (return (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1))))
        (else (local.set $at (i32.add (local.get $at) (i32.const 16)))))
      (br_if $next (i32.lt_u (local.get $at) (local.get $length))))
    (i32.const -1))

  ;; The text, of so many bytes, as what stands between the quotes of a JSON string: written from an address on; returns the one behind.
  (func (export "writeString") (param $length i32) (param $to i32) (result i32)
    (local $at i32) (local $bytes v128) (local $escaped i32) (local $end i32)
    (loop $next (result i32)
      (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (local.get $to))))
      (local.set $bytes (v128.load64_zero offset=16384 (local.get $at)))
      ;; Sixteen bytes for each set of quotes and backslashes among eight bytes: in which order these and backslashes, the last of them,
      ;; are written.
      (local.set $escaped
        (i32.and
          (i8x16.bitmask
            (v128.or
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92)))))
          (i32.const 255)))
      (v128.store
        (local.get $to)
        (i8x16.swizzle
          (i8x16.replace_lane 15 (local.get $bytes) (i32.const 92))
          (v128.load offset=8192 (i32.shl (local.get $escaped) (i32.const 4)))))
      (if (i32.eqz (i32.and (i8x16.bitmask (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32)))) (i32.const 255)))
        (then
          (local.set $to (i32.add (i32.add (local.get $to) (i32.const 8)) (i32.popcnt (local.get $escaped))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $next)))
      ;; Control characters, or the zeros behind the text: byte by byte.
      (local.set $end (i32.add (local.get $at) (i32.const 8)))
      (if (i32.gt_u (local.get $end) (local.get $length)) (then (local.set $end (local.get $length))))
      (loop $one
        (local.set $to (call $writeByte (call $byte (local.get $at)) (local.get $to)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $one (i32.lt_u (local.get $at) (local.get $end))))
      (br $next)))

  ;; What follows the backslash for the bytes below the space that JSON has a letter for.
  (data (i32.const 12288) "\00\00\00\00\00\00\00\00btn\00fr")

  (func $writeByte (param $byte i32) (param $to i32) (result i32)
    (local $letter i32)
    (if (i32.ge_u (local.get $byte) (i32.const 32))
      (then
        (if (i32.or (i32.eq (local.get $byte) (i32.const 34)) (i32.eq (local.get $byte) (i32.const 92)))
          (then (local.set $letter (local.get $byte)))
          (else
            (i32.store8 (local.get $to) (local.get $byte)) (return (i32.add (local.get $to) (i32.const 1))))))
      (else (local.set $letter (i32.load8_u offset=12288 (local.get $byte)))))
    (if (local.get $letter)
      (then
        (i32.store8 (local.get $to) (i32.const 92))
        (i32.store8 offset=1 (local.get $to) (local.get $letter))
        (return (i32.add (local.get $to) (i32.const 2)))))
    ;; \u00, and two hexadecimal digits, the first of them 0 or 1.
    (i32.store (local.get $to) (i32.const 0x3030755c))
    (i32.store8 offset=4 (local.get $to) (i32.add (i32.shr_u (local.get $byte) (i32.const 4)) (i32.const 48)))
    (local.set $byte (i32.and (local.get $byte) (i32.const 15)))
    (i32.store8 offset=5 (local.get $to)
      (i32.add (local.get $byte) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $byte) (i32.const 10)))))
    (i32.add (local.get $to) (i32.const 6)))
)
